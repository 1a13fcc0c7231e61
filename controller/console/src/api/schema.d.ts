// Made by `make console-types` of the OpenAPI document of the controller. Not to be edited.

export interface paths {
    "/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The console */
        get: operations["get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Accounts, newest first */
        get: operations["get_accounts"];
        put?: never;
        /** Creates an account */
        post: operations["post_accounts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One account */
        get: operations["get_accounts_id"];
        put?: never;
        post?: never;
        /** Deletes an account and its secrets, on record; what it did stays readable */
        delete: operations["delete_accounts_id"];
        options?: never;
        head?: never;
        /** Changes what is given of an account, on record */
        patch: operations["patch_accounts_id"];
        trace?: never;
    };
    "/api/v1/accounts/{id}/reveal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tells an account's password, on record */
        post: operations["post_accounts_id_reveal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/{id}/statistics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An account's numbers over time, a point a day */
        get: operations["get_accounts_id_statistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/{id}/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Gives the 2FA code of an account that is good now, on record
         * @description The code of this step is not given to an agent any more: apps take a code once.
         */
        get: operations["get_accounts_id_totp"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Does the same to many accounts, each on record */
        post: operations["post_accounts_batch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All accounts as a sheet, without passwords */
        get: operations["get_accounts_export"];
        put?: never;
        /** All accounts as a sheet, with passwords where that is asked for; on record */
        post: operations["post_accounts_export"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Imports accounts from a sheet (.xlsx, .xlsm, .xls, .ods, .csv): all rows or none, unless on_error is skip */
        post: operations["post_accounts_import"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All imports that are remembered */
        get: operations["get_accounts_imports"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/imports/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far an import is, or what came of it */
        get: operations["get_accounts_imports_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/imports/{id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes the last import back, within 24 hours; rows that were changed since stay as they are */
        post: operations["post_accounts_imports_id_undo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every tag, and how many accounts have it */
        get: operations["get_accounts_tags"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/attention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What waits for a person, newest first */
        get: operations["get_attention"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/attention/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One item */
        get: operations["get_attention_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/attention/{id}/abandon": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives the task up: it fails as abandoned */
        post: operations["post_attention_id_abandon"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/attention/{id}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Says whether the act was done
         * @description The task goes on: as completed where it was all about that act, else to what is left of it.
         */
        post: operations["post_attention_id_resolve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/attention/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lets the task go on: what kept it is out of the way
         * @description Where an act is in question, the phone looks again what became of it.
         */
        post: operations["post_attention_id_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who changed what, newest first */
        get: operations["get_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/backups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the scheduled backups fare */
        get: operations["get_backups"];
        put?: never;
        /** Makes a backup now, beside the scheduled ones, while the farm works */
        post: operations["post_backups"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All phones that were ever seen, by index */
        get: operations["get_devices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{serial}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One phone */
        get: operations["get_devices_serial"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes a phone's index, name or groups, on record */
        patch: operations["patch_devices_serial"];
        trace?: never;
    };
    "/api/v1/devices/{serial}/foreground": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The app in front, asked of the phone now */
        get: operations["get_devices_serial_foreground"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{serial}/hierarchy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is on the phone's screen, as uiautomator's XML */
        get: operations["get_devices_serial_hierarchy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{serial}/identify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Shows the phone's index large on its screen */
        post: operations["post_devices_serial_identify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{serial}/input": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** One act on one phone */
        post: operations["post_devices_serial_input"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{serial}/inspect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is on the phone's screen, how flows would name it, and which elements of the packs are there */
        get: operations["get_devices_serial_inspect"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{serial}/prepare": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a phone ready for work, or only looks what is missing */
        post: operations["post_devices_serial_prepare"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{serial}/replace": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Has another phone take a phone's place, on record
         * @description Index, name, groups, accounts, the schedules that name it and the tasks that wait for it go to the other phone, all or
         *     nothing. The accounts count as not logged in there; what is at work on the old phone ends there first.
         */
        post: operations["post_devices_serial_replace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{serial}/screenshot": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The phone's screen, as PNG or scaled down as JPEG */
        get: operations["get_devices_serial_screenshot"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/input": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The same act on several phones at once; an unknown phone stops it before anything is done */
        post: operations["post_devices_input"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/install": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Installs an APK on several phones; an unknown phone stops it before anything is done */
        post: operations["post_devices_install"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The phones' screens, live, over a WebSocket
         * @description A client says as text what it watches (`LiveWish`); the server answers with text (`LiveWord`) and sends each picture as
         *     a binary message: a head of 24 bytes, big-endian, then the picture. The head: version 1 (1 byte), codec (1: 1 JPEG,
         *     2 PNG), flags (1: bit 0, can be shown by itself), length of the head (1), stream (4), the picture's number (4), width
         *     (2), height (2), microseconds since 1970 (8). A picture that has not changed is not sent again; who reads slowly gets
         *     fewer. Offer the protocol `drover.live.1`; where no cookie or header can be sent, offer the token beside it, as
         *     `bearer.TOKEN`.
         */
        get: operations["get_devices_live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What happens, as server-sent events
         * @description `event` is device, host, account, task, attention, import, material, schedule or alert; `data` is JSON. A comment comes every 10 s. A reader
         *     that was away for too long gets an alert whose `what` is `missed`: it should read the lists again.
         */
        get: operations["get_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/flows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The scripts of all platforms, with their parameters */
        get: operations["get_flows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/flows/{platform}/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Switches a flow off or on again, on record
         * @description While it is off no task for it is created, tasks that wait for it wait on (`flow_disabled`), and what runs does nothing
         *     lasting any more that it had no leave for.
         */
        patch: operations["patch_flows_platform_name"];
        trace?: never;
    };
    "/api/v1/flows/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Runs, success and failures of each flow, by version and language */
        get: operations["get_flows_stats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All groups, by name */
        get: operations["get_groups"];
        put?: never;
        /** Makes a group, on record */
        post: operations["post_groups"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One group */
        get: operations["get_groups_name"];
        put?: never;
        post?: never;
        /** Deletes a group that no schedule runs on, on record; its phones stay */
        delete: operations["delete_groups_name"];
        options?: never;
        head?: never;
        /** Changes a group's name, and who is in it, on record */
        patch: operations["patch_groups_name"];
        trace?: never;
    };
    "/api/v1/hosts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All hosts that ever joined */
        get: operations["get_hosts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hosts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes a host out of the farm: its link ends now, and it is not let in again */
        delete: operations["delete_hosts_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hosts/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a token that lets one host join */
        post: operations["post_hosts_tokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The keys that seal passwords and 2FA secrets */
        get: operations["get_keys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Makes a new key the current one, on record
         * @description From now on secrets are sealed with it; the old ones are sealed anew while the farm works: `GET /keys` tells how far
         *     that is. The old key is kept, for backups that were made before need it.
         */
        post: operations["post_keys_rotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/license/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The plan: whether the API is on, and for how many phones */
        get: operations["get_license_check"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/materials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Materials, newest first */
        get: operations["get_materials"];
        put?: never;
        /** Takes a video (.mp4) or an image (.jpg, .png) into the library, once a content */
        post: operations["post_materials"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/materials/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One material */
        get: operations["get_materials_id"];
        put?: never;
        post?: never;
        /** Deletes a material and its file, on record */
        delete: operations["delete_materials_id"];
        options?: never;
        head?: never;
        /** Changes what is given of a material, on record */
        patch: operations["patch_materials_id"];
        trace?: never;
    };
    "/api/v1/materials/{id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A material's content; a part of it where `Range` asks for one */
        get: operations["get_materials_id_content"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/materials/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Does the same to many materials, each on record */
        post: operations["post_materials_batch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/materials/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every tag, and how many materials have it */
        get: operations["get_materials_tags"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All that must be seen at a glance */
        get: operations["get_overview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/packs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The packs, those that win first */
        get: operations["get_packs"];
        put?: never;
        /**
         * Takes a pack in and puts it in force, on record: a zip, or its files as JSON
         * @description One that has the name of a pack in force becomes a new version of it; another one goes before all that come along.
         */
        post: operations["post_packs"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/packs/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A pack with its files, and its elements as they are written */
        get: operations["get_packs_name"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes files of a pack, on record; it is in force for the next attempt of a task */
        patch: operations["patch_packs_name"];
        trace?: never;
    };
    "/api/v1/packs/{name}/elements/{element}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Replaces the alternatives of one element, on record; all else in `elements.toml` stays as it is */
        put: operations["put_packs_name_elements_element"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/packs/{name}/elements/{element}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Looks for an element on a phone's screen, or on the one that a failed task left, and tells why it is not there */
        post: operations["post_packs_name_elements_element_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/packs/{name}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A pack as a zip: one folder, as `--flows` and `drover-agent flow` take it */
        get: operations["get_packs_name_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/packs/{name}/revert": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes a pack back to an earlier version or to what it came as, on record */
        post: operations["post_packs_name_revert"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/packs/{name}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every version of a pack that is kept, the newest first; none where it was never changed here */
        get: operations["get_packs_name_versions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Schedules, newest first */
        get: operations["get_schedules"];
        put?: never;
        /**
         * Makes a schedule
         * @description Its script and its targets are checked as by `POST /task`.
         */
        post: operations["post_schedules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One schedule */
        get: operations["get_schedules_id"];
        put?: never;
        post?: never;
        /** Deletes a schedule and what is known of its runs; its tasks stay */
        delete: operations["delete_schedules_id"];
        options?: never;
        head?: never;
        /**
         * Changes what is given of a schedule; `null` takes a value back to its default
         * @description The times, the zone, the spread and the validity count from now on. What else is changed holds from the next run on.
         */
        patch: operations["patch_schedules_id"];
        trace?: never;
    };
    "/api/v1/schedules/{id}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keeps a schedule from running; what was created waits and runs as it would have */
        post: operations["post_schedules_id_disable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{id}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets a schedule run from now on */
        post: operations["post_schedules_id_enable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{id}/next": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The next runs of a schedule; of one that is disabled, those that it would have */
        get: operations["get_schedules_id_next"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{id}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Has a schedule run once, now, enabled or not
         * @description It is answered as `POST /task` is. The schedule goes on waiting for what it waits for. With the header `Idempotency-Key` the
         *     same call again is answered as before and creates nothing, for 24 hours.
         */
        post: operations["post_schedules_id_run"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/{id}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What came of a schedule's runs, newest first */
        get: operations["get_schedules_id_runs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/next": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The next runs of times that are no schedule yet; nothing is kept of them */
        post: operations["post_schedules_next"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/schedules/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What will run when in the next hours */
        get: operations["get_schedules_preview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is asking */
        get: operations["get_session"];
        put?: never;
        /** Logs in; the answer sets the session's cookie */
        post: operations["post_session"];
        /** Logs out */
        delete: operations["delete_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Changes one's own password; the other sessions end */
        post: operations["post_session_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All settings with their values and defaults */
        get: operations["get_settings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes settings, on record; they are in force at once */
        patch: operations["patch_settings"];
        trace?: never;
    };
    "/api/v1/task": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tasks, newest first */
        get: operations["get_task"];
        put?: never;
        /**
         * Creates tasks, all or none
         * @description One for each phone or account, and for each target. With the header `Idempotency-Key` the same call again is answered
         *     as before and creates nothing, for 24 hours.
         */
        post: operations["post_task"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/task/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One task, with its attempts and the leave that it was given */
        get: operations["get_task_id"];
        put?: never;
        post?: never;
        /** Deletes a task; one that runs is stopped first. What it did stays on record */
        delete: operations["delete_task_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/task/{id}/artifacts/{attempt}/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A file that an attempt left: `artifacts` of its task names them */
        get: operations["get_task_id_artifacts_attempt_name"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/task/{id}/bundle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A task with its whole log and its files, as a zip
         * @description `task.json` is what `GET /task/{id}` answers as `data`, `log.txt` are the logs of all attempts, `attempt-1/` and so on
         *     hold the files that each left; `missing.txt` names those that are gone from the data folder.
         */
        get: operations["get_task_id_bundle"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/task/{id}/log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The log of an attempt, a part at a time
         * @description What an attempt says is written down within a few seconds; the first 2,000 lines of each are kept. `/events` tells it
         *     at once.
         */
        get: operations["get_task_id_log"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/task/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets a failed task be done again */
        post: operations["post_task_id_retry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/task/{id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stops a task
         * @description One that runs ends within a second of its host's hearing of it. What it has done is done: where that is the whole task
         *     it ends as completed.
         */
        post: operations["post_task_id_stop"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/task/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Deletes many tasks; those that there are not are left aside */
        delete: operations["delete_task_batch"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/task/retry-all": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lets all failed tasks be done again
         * @description But for those that were stopped by hand and those of which it is not known what came of them.
         */
        post: operations["post_task_retry_all"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/task/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many tasks there are in each status */
        get: operations["get_task_stats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All tokens, the ended ones too, newest first */
        get: operations["get_tokens"];
        put?: never;
        /** Makes a token; its secret is in this answer and nowhere else */
        post: operations["post_tokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Ends a token for good */
        delete: operations["delete_tokens_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All people, by name */
        get: operations["get_users"];
        put?: never;
        /** Lets a person in */
        post: operations["post_users"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Forgets a person; what they did stays on record */
        delete: operations["delete_users_id"];
        options?: never;
        head?: never;
        /** Changes a person; who is changed has to log in again */
        patch: operations["patch_users_id"];
        trace?: never;
    };
    "/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This documentation */
        get: operations["get_docs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs/docs.css": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The look of the pages */
        get: operations["get_docs_docs_css"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs/docs.js": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The documentation's script */
        get: operations["get_docs_docs_js"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Alive: the process answers */
        get: operations["get_livez"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Figures in Prometheus' text format */
        get: operations["get_metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This API as an OpenAPI 3.1 document */
        get: operations["get_openapi_json"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ready: requests can be served; else a line for each reason why not */
        get: operations["get_readyz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description What is to be done to which accounts. */
        AccountBatch: {
            /**
             * @description enable, disable, delete, tag, untag, caps, bind, move.
             * @example tag
             */
            action: string;
            /** @description For caps: how often each may do something in a day, as in the change of one account. */
            caps?: {
                [key: string]: number | null;
            } | null;
            /** @description For bind: a phone's serial or any alias; empty unbinds. */
            device?: string | null;
            /**
             * Format: int32
             * @description For bind: the phone's index, where `device` is absent.
             */
            device_index?: number | null;
            /** @description 1 to 10,000 ids. */
            ids: number[];
            /** @description For move: the workspace to move to. The accounts are not logged in there, and use its own app. */
            platform?: string | null;
            /** @description For tag and untag: a list, or one text with commas. */
            tags?: string[] | null;
        };
        /** @description What is given of an account; what is absent stays as it is. */
        AccountEntry: {
            /**
             * @description How often it may do something in a day, by act: follow, unfollow, like, comment, post; 0 to 10000, and 0 is without
             *     limit. Acts that are not named stay as they are; `null` for one, or for all, has the settings go for it.
             * @example {
             *       "follow": 5,
             *       "post": null
             *     }
             */
            caps?: {
                [key: string]: number | null;
            } | null;
            /** @description Removes the password and the 2FA secret. */
            clear_password: boolean;
            country?: string | null;
            /** @description The serial of a phone or any alias; empty unbinds. A phone that was never seen is allowed. */
            device?: string | null;
            /**
             * Format: int32
             * @description Binds it to the phone of this index; `device` wins over it.
             */
            device_index?: number | null;
            /** @description Empty clears it. */
            email?: string | null;
            /** Format: int64 */
            followers?: number | null;
            /** Format: int64 */
            following?: number | null;
            /** Format: int64 */
            friends?: number | null;
            /** Format: int64 */
            hearts?: number | null;
            /**
             * Format: int32
             * @description 0 or 1.
             */
            logined?: number | null;
            nickname?: string | null;
            /** @description The app to use; empty for the platform's own. */
            packagename?: string | null;
            /**
             * @description tiktok or instagram; needed for a new account.
             * @example tiktok
             */
            platform?: string | null;
            /**
             * Format: password
             * @description On Instagram a 2FA secret may stand behind the last colon: `password:SECRET`. Empty leaves it as it is;
             *     `password` is understood too.
             */
            pwd?: string | null;
            /**
             * Format: date-time
             * @description RFC 3339; empty ends the rest.
             */
            resting_until?: string | null;
            /**
             * Format: int32
             * @description 0 enabled, 1 disabled.
             */
            status?: number | null;
            /** @description All tags that it shall have: a list, or one text with commas. Empty clears them. */
            tags?: string[] | null;
            /**
             * @description Needed for a new account. A leading `@` is dropped; case does not tell usernames apart.
             * @example jane.doe
             */
            username?: string | null;
            /** Format: int64 */
            videos?: number | null;
        };
        /** @description An account. */
        AccountItem: {
            /**
             * @description How often it may do something in a day, by act, where that is set for the account itself; 0 is without limit.
             * @example {
             *       "follow": 5
             *     }
             */
            caps: {
                [key: string]: number;
            };
            country?: string | null;
            /** Format: date-time */
            created_at: string;
            /**
             * @description The serial of the phone that it is bound to; empty where there is none.
             * @example SIM0001
             */
            device: string;
            /**
             * Format: int32
             * @description `null` where the phone was never seen, or there is none.
             */
            device_index?: number | null;
            /** @description The phone's name, or its model where it has none; empty where the phone was never seen. */
            device_name: string;
            device_online: boolean;
            /** @description Empty where none is noted. */
            email: string;
            /** Format: int64 */
            followers?: number | null;
            /** Format: int64 */
            following?: number | null;
            /** Format: int64 */
            friends?: number | null;
            /** @description Whether 2FA codes can be made for it. */
            has_2fa: boolean;
            has_password: boolean;
            /** Format: int64 */
            hearts?: number | null;
            /** Format: int64 */
            id: number;
            /**
             * Format: int32
             * @description 1 where it is logged in on its phone.
             */
            logined: number;
            /**
             * @description logged_in, not_logged_in.
             * @example logged_in
             */
            logined_text: string;
            nickname?: string | null;
            /** @description The app that is used; `null` for the platform's own. */
            packagename?: string | null;
            /**
             * @description tiktok, instagram.
             * @example tiktok
             */
            platform: string;
            /**
             * Format: date-time
             * @description Until then no task uses it.
             */
            resting_until?: string | null;
            /**
             * Format: int32
             * @description 0 enabled, 1 disabled.
             */
            status: number;
            /**
             * @description enabled, disabled.
             * @example enabled
             */
            status_text: string;
            /**
             * Format: date-time
             * @description When the seven before were read from the app.
             */
            synced_at?: string | null;
            tags: string[];
            /** Format: date-time */
            updated_at: string;
            /** @example jane.doe */
            username: string;
            /** Format: int64 */
            videos?: number | null;
        };
        AccountList: {
            accounts: components["schemas"]["AccountItem"][];
            /** Format: int32 */
            page: number;
            /** Format: int32 */
            page_size: number;
            /**
             * Format: int64
             * @description On all pages.
             */
            total: number;
        };
        /** @description It was done. */
        Acted: {
            done: boolean;
            serial: string;
        };
        /** @description What came of it on one phone. */
        ActedOn: {
            /**
             * Format: int32
             * @description 0, or the code that a request for this phone alone would have had.
             */
            code: number;
            done: boolean;
            message: string;
            serial: string;
        };
        ActedOnMany: {
            done_count: number;
            failed_count: number;
            /** @description In the order of the request. */
            results: components["schemas"]["ActedOn"][];
        };
        /** @description What became of the act. */
        ActSaid: {
            comment?: string | null;
            /** @description true: it was done, by whomever; it is not done again. false: it was not; the task does it. */
            done: boolean;
            /**
             * @description A link that shows it.
             * @example https://www.tiktok.com/@jane/video/7
             */
            proof?: string | null;
        };
        AlternativeItem: {
            /** @description Keys and values: texts, lists of texts, numbers, true and false. */
            fields: Record<string, never>;
            line: number;
            /**
             * @description As it is written.
             * @example { text = "Post", class = "Button" }
             */
            source: string;
        };
        /** @description A file that an attempt left. */
        ArtifactItem: {
            /**
             * Format: int32
             * @description The number of its attempt.
             */
            attempt: number;
            /** Format: date-time */
            created_at: string;
            /**
             * @description screen, hierarchy, steps, meta, other.
             * @example screen
             */
            kind: string;
            /** @example screen.png */
            name: string;
            /**
             * Format: int64
             * @description In bytes.
             */
            size: number;
            /**
             * @description Where it is to be had.
             * @example /api/v1/task/7/artifacts/1/screen.png
             */
            url: string;
        };
        /** @description One go at a task, on one phone, by one host. */
        AttemptItem: {
            /**
             * Format: date-time
             * @description When its host said that it has it.
             */
            acknowledged_at?: string | null;
            app_version?: string | null;
            /**
             * Format: date-time
             * @description When it was handed out.
             */
            begun_at: string;
            /** @description plain or resident. */
            driver?: string | null;
            /**
             * Format: date-time
             * @description When its end was heard, or it was given up.
             */
            ended_at?: string | null;
            /**
             * Format: int64
             * @description The history of the database in which it was handed out.
             */
            epoch: number;
            /** @description The host's id. */
            host: string;
            host_name?: string | null;
            id: string;
            /** @description The last lines of its log; GET /task/{id}/log has all. */
            log: components["schemas"]["LogLine"][];
            message?: string | null;
            /**
             * Format: int32
             * @description From 1.
             */
            number: number;
            /** @description done, refused, host_lost, or the kind of failure. */
            outcome?: string | null;
            /** @description Of the pack that it ran. */
            pack_hash: string;
            /**
             * @description Where in the script it failed: file and line.
             * @example follow.rhai:12
             */
            place?: string | null;
            /**
             * @description handed, running, lost, ended.
             * @example ended
             */
            state: string;
            /**
             * Format: int32
             * @description Steps on the phone.
             */
            steps?: number | null;
            /**
             * Format: int64
             * @description How long it took, in milliseconds.
             */
            took_ms?: number | null;
            /** @description Whether it failed in such a way that nobody knows what the last touch did. */
            uncertain: boolean;
        };
        /** @description Something that waits for a person, or did. */
        AttentionItem: {
            /** Format: int64 */
            account_id?: number | null;
            /** @description What may be said of it now: done, not_done, resume, abandon. */
            allowed: string[];
            /** Format: date-time */
            created_at: string;
            /**
             * Format: date-time
             * @description Since when its phone goes on with other tasks although nobody came; its account rests.
             */
            freed_at?: string | null;
            grant?: components["schemas"]["GrantItem"] | null;
            /**
             * Format: date-time
             * @description Until when its phone is kept as it is, so that a person finds on its screen what it is about.
             */
            held_until?: string | null;
            /** Format: int64 */
            id: number;
            /**
             * @description unknown (nobody could find out what became of an act), captcha, code, …
             * @example unknown
             */
            kind: string;
            /** @description What happened, and what to do. */
            message: string;
            platform?: string | null;
            /** @description done, not_done, resume, abandon, stopped. */
            resolution?: string | null;
            /** Format: date-time */
            resolved_at?: string | null;
            resolved_by?: string | null;
            script_name?: string | null;
            serial?: string | null;
            /**
             * Format: int64
             * @description The task's id.
             */
            task?: number | null;
            /** @description Of the task; `null` where it was deleted. */
            task_state?: string | null;
            username?: string | null;
        };
        AttentionList: {
            items: components["schemas"]["AttentionItem"][];
            /** Format: int32 */
            page: number;
            /** Format: int32 */
            page_size: number;
            /**
             * Format: int64
             * @description On all pages.
             */
            total: number;
        };
        /** @description A change on record. */
        AuditItem: {
            after: unknown;
            /** Format: date-time */
            at: string;
            before: unknown;
            /** Format: int64 */
            id: number;
            /** @description The serial, id or name of what was changed. */
            subject: string;
            /** @example device.change */
            what: string;
            /**
             * @description A token, the command line, this machine.
             * @example token ci (3)
             */
            who: string;
        };
        AuditList: {
            entries: components["schemas"]["AuditItem"][];
            /** Format: int32 */
            page: number;
            /** Format: int32 */
            page_size: number;
            /** Format: int64 */
            total: number;
        };
        /** @description A backup that was made. */
        BackupItem: {
            /** Format: date-time */
            at: string;
            /** Format: int64 */
            bytes: number;
            /** @description On the controller's machine. */
            file: string;
        };
        /** @description How the schedule fares. */
        BackupsItem: {
            last?: components["schemas"]["BackupItem"] | null;
            /** Format: date-time */
            next?: string | null;
            /** @description Why the latest attempt failed; `null` where it did not. */
            trouble?: string | null;
            /** Format: date-time */
            trouble_at?: string | null;
        };
        /** @description What came of it. */
        BatchAnswer: {
            changed_count: number;
            deleted_count: number;
            refused: components["schemas"]["RefusedAccount"][];
            /**
             * Format: int64
             * @description They were so already.
             */
            unchanged_count: number;
            /** @description What an operator should know. */
            warnings: string[];
        };
        BatteryItem: {
            /** Format: date-time */
            at: string;
            charging: boolean;
            /** @description The values were set by hand and are not the battery's own. */
            frozen: boolean;
            /**
             * Format: int32
             * @description Percent.
             */
            level: number;
            /** @description unknown, charging, discharging, not_charging, full. */
            status: string;
            /**
             * Format: double
             * @description Degrees Celsius.
             */
            temperature: number;
        };
        BeneathItem: {
            hash: string;
            /** @description built_in, folder. */
            origin: string;
            version: string;
        };
        /** @description In pixels of the phone. */
        BoundsItem: {
            /** Format: int32 */
            bottom: number;
            /** Format: int32 */
            left: number;
            /** Format: int32 */
            right: number;
            /** Format: int32 */
            top: number;
        };
        /** @description A code of two-factor authentication. */
        Code: {
            /**
             * @description Six digits.
             * @example 287082
             */
            code: string;
            /** Format: int64 */
            id: number;
            /**
             * Format: int32
             * @description How long it is good.
             */
            seconds_left: number;
            username: string;
        };
        /** @description What was created. */
        CreatedTasks: {
            created_count: number;
            /** @description For whom nothing was created, and why. */
            skipped: components["schemas"]["SkippedItem"][];
            /** @description Empty where it was a dry run. */
            task_ids: number[];
            /** @description What an operator should know. */
            warnings: string[];
        };
        DeletedAccount: {
            deleted: boolean;
            /** Format: int64 */
            id: number;
            username: string;
            /** @description What an operator should know. */
            warnings: string[];
        };
        DeletedMaterial: {
            deleted: boolean;
            /** Format: int64 */
            id: number;
            name: string;
        };
        DeletedTasks: {
            deleted_count: number;
            /** @description Those that a phone still works on: they are being stopped and go as soon as they have ended. */
            stopping: number[];
        };
        DeviceCounts: {
            no_permissions: number;
            offline: number;
            online: number;
            total: number;
            unauthorized: number;
            unplugged: number;
        };
        /** @description A phone. What is not known is `null`. */
        DeviceItem: {
            /**
             * Format: int64
             * @description Accounts that are bound to it.
             */
            accounts: number;
            /** @description Other names under which it is accepted. */
            aliases: string[];
            /** @example 14 */
            android?: string | null;
            battery?: components["schemas"]["BatteryItem"] | null;
            /**
             * Format: int32
             * @description `null` until the phone has said who it is.
             */
            device_index?: number | null;
            /**
             * Format: int32
             * @description How often it went away within the last hour, as long as the controller has been up.
             */
            faults_last_hour: number;
            /**
             * Format: date-time
             * @description When it was first seen in this farm.
             */
            first_seen?: string | null;
            foreground?: components["schemas"]["ForegroundItem"] | null;
            groups: string[];
            /** @description The id of the host that has it or had it last. */
            host?: string | null;
            host_name?: string | null;
            /**
             * Format: date-time
             * @description When it last answered.
             */
            last_seen?: string | null;
            manufacturer?: string | null;
            model?: string | null;
            /** @description Empty where none was given. */
            name: string;
            /** @description What an operator should know. */
            notes: string[];
            /** Format: date-time */
            replaced_at?: string | null;
            /** @description The serial of the phone that took its place; `null` while it is in use. */
            replaced_by?: string | null;
            resolution?: components["schemas"]["Resolution"] | null;
            screen?: components["schemas"]["ScreenItem"] | null;
            /** Format: int32 */
            sdk?: number | null;
            /** @example SIM0001 */
            serial: string;
            /**
             * @description online, offline, unauthorized, no_permissions, unplugged.
             * @example online
             */
            state: string;
            state_reason?: string | null;
            /**
             * Format: date-time
             * @description Since when it is in this state.
             */
            state_since?: string | null;
            /** @example 1-1.4 */
            usb_path?: string | null;
        };
        DeviceList: {
            /** @description By index. */
            devices: components["schemas"]["DeviceItem"][];
            /** Format: int32 */
            page: number;
            /** @description As many as there are, where no page was asked for. */
            page_size: number;
            /** @description On all pages. */
            total: number;
        };
        /** @description What an operator may change; what is absent stays. */
        DevicePatch: {
            /**
             * Format: int32
             * @description Unique in the farm.
             */
            device_index?: number | null;
            /** @description All groups that it shall be in. */
            groups?: string[] | null;
            name?: string | null;
            /** @description `false`: it is in use again, although another phone took its place. */
            replaced?: boolean | null;
        };
        /** @description Something on the app's screens, by name. */
        ElementItem: {
            /** @description In the order of trial. */
            alternatives: components["schemas"]["AlternativeItem"][];
            /** @description The list of alternatives as it is written. */
            any: string;
            /** @description Where the list of alternatives begins. */
            any_line: number;
            /** @description Its facts are guessed. */
            experimental: boolean;
            help: string;
            last_line: number;
            /** @description In `elements.toml`, from 1. */
            line: number;
            /** @example post_button */
            name: string;
            /** @description Where its name stands: scripts, other elements, pop-ups. */
            used: components["schemas"]["UseItem"][];
        };
        /** @description Other alternatives of an element, as data or as they are written. */
        ElementPatch: {
            /**
             * @description In the order of trial; those that stand there already keep their comments.
             * @example [
             *       {
             *         "class": "Button",
             *         "text": [
             *           "Post",
             *           "Publish"
             *         ]
             *       }
             *     ]
             */
            alternatives?: Record<string, never>[] | null;
            /** @description Only look whether it could be taken. */
            dry_run?: boolean;
            /** @description The hash of the pack that was changed: where another one is in force by now, nothing is changed (40901). */
            made_from?: string | null;
            /**
             * @description Why, for those who come after.
             * @example the app renamed its button
             */
            reason: string;
            /**
             * @description Instead: the list as it shall stand in `elements.toml`.
             * @example [
             *       { text = "Post" }, # as in 43
             *     ]
             */
            toml?: string | null;
        };
        /** @description What is looked for, and where. */
        ElementProbe: {
            /**
             * @description As `PUT` takes them; without them and `toml` the element is looked for as it is.
             * @example [
             *       {
             *         "text": "Publish"
             *       }
             *     ]
             */
            alternatives?: Record<string, never>[] | null;
            /**
             * @description The app's version; the task's where it is left out.
             * @example 43.1.4
             */
            app_version?: string | null;
            /**
             * Format: int32
             * @description That of this attempt.
             */
            attempt?: number | null;
            /**
             * @description The phone's language; the task's where it is left out.
             * @example fr
             */
            language?: string | null;
            /** @description On this phone, now: its serial or any alias. */
            serial?: string | null;
            /**
             * Format: int64
             * @description Or on the screen that the last attempt of this task left which left one.
             */
            task?: number | null;
            /** @description Instead: the list as it would stand in `elements.toml`. */
            toml?: string | null;
            /** @description Or on this one, as `GET /devices/{serial}/hierarchy` gave it; a task then still says language and version. */
            xml?: string | null;
        };
        /** @description An answer. */
        Envelope_AccountItem: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description An account. */
            data: {
                /**
                 * @description How often it may do something in a day, by act, where that is set for the account itself; 0 is without limit.
                 * @example {
                 *       "follow": 5
                 *     }
                 */
                caps: {
                    [key: string]: number;
                };
                country?: string | null;
                /** Format: date-time */
                created_at: string;
                /**
                 * @description The serial of the phone that it is bound to; empty where there is none.
                 * @example SIM0001
                 */
                device: string;
                /**
                 * Format: int32
                 * @description `null` where the phone was never seen, or there is none.
                 */
                device_index?: number | null;
                /** @description The phone's name, or its model where it has none; empty where the phone was never seen. */
                device_name: string;
                device_online: boolean;
                /** @description Empty where none is noted. */
                email: string;
                /** Format: int64 */
                followers?: number | null;
                /** Format: int64 */
                following?: number | null;
                /** Format: int64 */
                friends?: number | null;
                /** @description Whether 2FA codes can be made for it. */
                has_2fa: boolean;
                has_password: boolean;
                /** Format: int64 */
                hearts?: number | null;
                /** Format: int64 */
                id: number;
                /**
                 * Format: int32
                 * @description 1 where it is logged in on its phone.
                 */
                logined: number;
                /**
                 * @description logged_in, not_logged_in.
                 * @example logged_in
                 */
                logined_text: string;
                nickname?: string | null;
                /** @description The app that is used; `null` for the platform's own. */
                packagename?: string | null;
                /**
                 * @description tiktok, instagram.
                 * @example tiktok
                 */
                platform: string;
                /**
                 * Format: date-time
                 * @description Until then no task uses it.
                 */
                resting_until?: string | null;
                /**
                 * Format: int32
                 * @description 0 enabled, 1 disabled.
                 */
                status: number;
                /**
                 * @description enabled, disabled.
                 * @example enabled
                 */
                status_text: string;
                /**
                 * Format: date-time
                 * @description When the seven before were read from the app.
                 */
                synced_at?: string | null;
                tags: string[];
                /** Format: date-time */
                updated_at: string;
                /** @example jane.doe */
                username: string;
                /** Format: int64 */
                videos?: number | null;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_AccountList: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                accounts: components["schemas"]["AccountItem"][];
                /** Format: int32 */
                page: number;
                /** Format: int32 */
                page_size: number;
                /**
                 * Format: int64
                 * @description On all pages.
                 */
                total: number;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_Acted: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description It was done. */
            data: {
                done: boolean;
                serial: string;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_ActedOnMany: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                done_count: number;
                failed_count: number;
                /** @description In the order of the request. */
                results: components["schemas"]["ActedOn"][];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_AttentionItem: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description Something that waits for a person, or did. */
            data: {
                /** Format: int64 */
                account_id?: number | null;
                /** @description What may be said of it now: done, not_done, resume, abandon. */
                allowed: string[];
                /** Format: date-time */
                created_at: string;
                /**
                 * Format: date-time
                 * @description Since when its phone goes on with other tasks although nobody came; its account rests.
                 */
                freed_at?: string | null;
                grant?: components["schemas"]["GrantItem"] | null;
                /**
                 * Format: date-time
                 * @description Until when its phone is kept as it is, so that a person finds on its screen what it is about.
                 */
                held_until?: string | null;
                /** Format: int64 */
                id: number;
                /**
                 * @description unknown (nobody could find out what became of an act), captcha, code, …
                 * @example unknown
                 */
                kind: string;
                /** @description What happened, and what to do. */
                message: string;
                platform?: string | null;
                /** @description done, not_done, resume, abandon, stopped. */
                resolution?: string | null;
                /** Format: date-time */
                resolved_at?: string | null;
                resolved_by?: string | null;
                script_name?: string | null;
                serial?: string | null;
                /**
                 * Format: int64
                 * @description The task's id.
                 */
                task?: number | null;
                /** @description Of the task; `null` where it was deleted. */
                task_state?: string | null;
                username?: string | null;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_AttentionList: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                items: components["schemas"]["AttentionItem"][];
                /** Format: int32 */
                page: number;
                /** Format: int32 */
                page_size: number;
                /**
                 * Format: int64
                 * @description On all pages.
                 */
                total: number;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_AuditList: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                entries: components["schemas"]["AuditItem"][];
                /** Format: int32 */
                page: number;
                /** Format: int32 */
                page_size: number;
                /** Format: int64 */
                total: number;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_BackupItem: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description A backup that was made. */
            data: {
                /** Format: date-time */
                at: string;
                /** Format: int64 */
                bytes: number;
                /** @description On the controller's machine. */
                file: string;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_BackupsItem: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description How the schedule fares. */
            data: {
                last?: components["schemas"]["BackupItem"] | null;
                /** Format: date-time */
                next?: string | null;
                /** @description Why the latest attempt failed; `null` where it did not. */
                trouble?: string | null;
                /** Format: date-time */
                trouble_at?: string | null;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_BatchAnswer: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description What came of it. */
            data: {
                changed_count: number;
                deleted_count: number;
                refused: components["schemas"]["RefusedAccount"][];
                /**
                 * Format: int64
                 * @description They were so already.
                 */
                unchanged_count: number;
                /** @description What an operator should know. */
                warnings: string[];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_Code: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description A code of two-factor authentication. */
            data: {
                /**
                 * @description Six digits.
                 * @example 287082
                 */
                code: string;
                /** Format: int64 */
                id: number;
                /**
                 * Format: int32
                 * @description How long it is good.
                 */
                seconds_left: number;
                username: string;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_CreatedTasks: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description What was created. */
            data: {
                created_count: number;
                /** @description For whom nothing was created, and why. */
                skipped: components["schemas"]["SkippedItem"][];
                /** @description Empty where it was a dry run. */
                task_ids: number[];
                /** @description What an operator should know. */
                warnings: string[];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_DeletedAccount: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                deleted: boolean;
                /** Format: int64 */
                id: number;
                username: string;
                /** @description What an operator should know. */
                warnings: string[];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_DeletedMaterial: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                deleted: boolean;
                /** Format: int64 */
                id: number;
                name: string;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_DeletedTasks: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                deleted_count: number;
                /** @description Those that a phone still works on: they are being stopped and go as soon as they have ended. */
                stopping: number[];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_DeviceItem: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description A phone. What is not known is `null`. */
            data: {
                /**
                 * Format: int64
                 * @description Accounts that are bound to it.
                 */
                accounts: number;
                /** @description Other names under which it is accepted. */
                aliases: string[];
                /** @example 14 */
                android?: string | null;
                battery?: components["schemas"]["BatteryItem"] | null;
                /**
                 * Format: int32
                 * @description `null` until the phone has said who it is.
                 */
                device_index?: number | null;
                /**
                 * Format: int32
                 * @description How often it went away within the last hour, as long as the controller has been up.
                 */
                faults_last_hour: number;
                /**
                 * Format: date-time
                 * @description When it was first seen in this farm.
                 */
                first_seen?: string | null;
                foreground?: components["schemas"]["ForegroundItem"] | null;
                groups: string[];
                /** @description The id of the host that has it or had it last. */
                host?: string | null;
                host_name?: string | null;
                /**
                 * Format: date-time
                 * @description When it last answered.
                 */
                last_seen?: string | null;
                manufacturer?: string | null;
                model?: string | null;
                /** @description Empty where none was given. */
                name: string;
                /** @description What an operator should know. */
                notes: string[];
                /** Format: date-time */
                replaced_at?: string | null;
                /** @description The serial of the phone that took its place; `null` while it is in use. */
                replaced_by?: string | null;
                resolution?: components["schemas"]["Resolution"] | null;
                screen?: components["schemas"]["ScreenItem"] | null;
                /** Format: int32 */
                sdk?: number | null;
                /** @example SIM0001 */
                serial: string;
                /**
                 * @description online, offline, unauthorized, no_permissions, unplugged.
                 * @example online
                 */
                state: string;
                state_reason?: string | null;
                /**
                 * Format: date-time
                 * @description Since when it is in this state.
                 */
                state_since?: string | null;
                /** @example 1-1.4 */
                usb_path?: string | null;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_DeviceList: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                /** @description By index. */
                devices: components["schemas"]["DeviceItem"][];
                /** Format: int32 */
                page: number;
                /** @description As many as there are, where no page was asked for. */
                page_size: number;
                /** @description On all pages. */
                total: number;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_FaultList: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description Why a pack is not taken. */
            data: {
                faults: components["schemas"]["FaultItem"][];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_FlowList: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                flows: components["schemas"]["FlowItem"][];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_FlowStatList: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                /** Format: int32 */
                days: number;
                /** @description Those that were run, by platform and name. */
                flows: components["schemas"]["FlowStat"][];
                /** Format: date-time */
                since: string;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_FlowSwitch: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description A flow after it was switched. */
            data: {
                enabled: boolean;
                name: string;
                /**
                 * Format: int64
                 * @description How many tasks wait for it.
                 */
                pending: number;
                platform: string;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_ForegroundItem: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                activity?: string | null;
                /** Format: date-time */
                at: string;
                /** @description Empty where a system window without a package has the focus. */
                package: string;
                /** @description What else is in front. */
                window?: string | null;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_GroupItem: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description A group of phones. */
            data: {
                /** Format: date-time */
                created_at: string;
                /** @description How many phones are in it. */
                devices: number;
                /** @example shelf 1 */
                name: string;
                /** @description How many of them are online. */
                online: number;
                /** @description By index. */
                serials: string[];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_GroupList: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                /** @description By name. */
                groups: components["schemas"]["GroupItem"][];
                total: number;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_HostItem: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description A machine with an agent. */
            data: {
                /**
                 * @description Where its link comes from.
                 * @example 192.168.1.20:49152
                 */
                address?: string | null;
                agent_version?: string | null;
                /**
                 * Format: date-time
                 * @description The end of the certificate that it was given last; it renews by itself.
                 */
                certificate_not_after?: string | null;
                connected: boolean;
                /** Format: date-time */
                connected_since?: string | null;
                /** @description Phones that it reports, in whatever state. */
                devices?: number | null;
                /** @example 0193a5b0-7c1e-7000-8000-000000000001 */
                id: string;
                /** Format: date-time */
                joined_at: string;
                /** @description SHA-256 of its public key, in hex. */
                key_fingerprint: string;
                /** Format: date-time */
                last_seen?: string | null;
                name: string;
                /** Format: date-time */
                revoked_at?: string | null;
                /**
                 * Format: double
                 * @description The link's round trip, in milliseconds.
                 */
                rtt_ms?: number | null;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_HostList: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                /** @description In order of joining, the revoked ones too. */
                hosts: components["schemas"]["HostItem"][];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_Import: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description An import as it is listed and polled. */
            data: {
                dry_run: boolean;
                /** Format: date-time */
                ended_at?: string | null;
                /** Format: int64 */
                id: number;
                /** @description The platform that the import named. */
                platform?: string | null;
                progress: components["schemas"]["Progress"];
                report?: components["schemas"]["Report"] | null;
                /** Format: date-time */
                started_at: string;
                /**
                 * @description reading, applying, done, refused, failed, dropped (the controller ended before it changed anything), undoing, undone.
                 * @example done
                 */
                state: string;
                undo?: components["schemas"]["UndoReport"] | null;
                /**
                 * Format: date-time
                 * @description Until then it can be taken back.
                 */
                undo_until?: string | null;
                who: string;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_Imports: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                /** @description Newest first; of the reports of those that changed something the counts alone, of others none. */
                imports: components["schemas"]["Import"][];
                /** Format: int32 */
                page: number;
                /** Format: int32 */
                page_size: number;
                /** Format: int64 */
                total: number;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_Inspected: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description A screen, taken apart. */
            data: {
                /** Format: date-time */
                at: string;
                /** @description Which driver read it: plain or resident. */
                driver: string;
                /** @description What the packs find here, whatever the phone's language and the app's version. */
                elements: components["schemas"]["InspectedElement"][];
                /** Format: int32 */
                height: number;
                /** @description In document order: what is drawn later stands later. */
                nodes: components["schemas"]["InspectedNode"][];
                /** @example SIM0001 */
                serial: string;
                /**
                 * Format: int32
                 * @description The size of the largest window in pixels.
                 */
                width: number;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_JoinToken: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                /** Format: date-time */
                expires_at: string;
                /**
                 * Format: int32
                 * @description The port of this controller at which hosts join.
                 * @example 50811
                 */
                join_port: number;
                /** @description For `drover-agent`: good once, shown this once. */
                token: string;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_KeyList: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                /** @description Oldest first. */
                keys: components["schemas"]["KeyItem"][];
                rotation?: components["schemas"]["RotationItem"] | null;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_License: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description The plan, as clients ask for it before they do anything else. */
            data: {
                api_enabled: boolean;
                /**
                 * Format: int32
                 * @description Phones that may run scripts at the same time; tasks beyond it wait.
                 */
                device_limit: number;
                /** @example API access enabled */
                message: string;
                /** @example Self-hosted */
                plan_name: string;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_MaterialBatchAnswer: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description What came of it. */
            data: {
                changed_count: number;
                deleted_count: number;
                refused: components["schemas"]["RefusedMaterial"][];
                /**
                 * Format: int64
                 * @description They were so already.
                 */
                unchanged_count: number;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_MaterialItem: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description A content of the library. */
            data: {
                /** @description Empty where it has none. Wins over the captions of a task. */
                caption: string;
                /** Format: date-time */
                created_at: string;
                /** @description SHA-256 of the content; no two materials have the same. */
                hash: string;
                /** Format: int64 */
                id: number;
                /**
                 * @description video, image.
                 * @example video
                 */
                kind: string;
                /** @description Its file is gone from the data folder: send it again. */
                missing: boolean;
                /** @example morning.mp4 */
                name: string;
                /**
                 * Format: int64
                 * @description The task that has it now.
                 */
                reserved_by?: number | null;
                /**
                 * Format: int64
                 * @description In bytes.
                 */
                size: number;
                /**
                 * Format: int64
                 * @description Lower ones are chosen first; `null` comes after all numbers.
                 */
                sort?: number | null;
                /**
                 * @description free, reserved, used.
                 * @example free
                 */
                state: string;
                tags: string[];
                /** Format: date-time */
                updated_at: string;
                /**
                 * @description Where the content is to be had.
                 * @example /api/v1/materials/7/content
                 */
                url: string;
                /** @description Whether it was published. It is not chosen again then. */
                used: boolean;
                /** Format: date-time */
                used_at?: string | null;
                /**
                 * Format: int64
                 * @description The task that published it; `null` where a person marked it.
                 */
                used_by?: number | null;
                /** @description The account that alone may publish it; empty for any. */
                username: string;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_MaterialList: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                materials: components["schemas"]["MaterialItem"][];
                /** Format: int32 */
                page: number;
                /** Format: int32 */
                page_size: number;
                /**
                 * Format: int64
                 * @description On all pages.
                 */
                total: number;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_MaterialTags: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                /** @description In alphabetical order. */
                tags: components["schemas"]["MaterialTag"][];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_NextRuns: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                next_runs: components["schemas"]["MomentItem"][];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_Nothing: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description Nothing to tell but that it is done. */
            data: Record<string, never>;
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_Overview: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                /** @description The latest alerts since the start, newest first. */
                alerts: unknown[];
                backups: components["schemas"]["BackupsItem"];
                devices: components["schemas"]["DeviceCounts"];
                /** @description Phones in each group. */
                groups: {
                    [key: string]: number;
                };
                hosts: components["schemas"]["HostCounts"];
                /** Format: date-time */
                now: string;
                plan_name: string;
                /** Format: date-time */
                started_at: string;
                /** @description Of the controller. */
                version: string;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_PackChange: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description What came of a change. */
            data: {
                /** @description Whether a new version was made; `false` where it is the same as before, or was a dry run. */
                changed: boolean;
                /** @description What differs, or would. */
                files: components["schemas"]["FileChange"][];
                pack?: components["schemas"]["PackItem"] | null;
                /** @description What is odd about it and keeps it from nothing. */
                warnings: components["schemas"]["FaultItem"][];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_PackDetails: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description A pack with all that is in it. */
            data: {
                /** @description In the order of `elements.toml`. */
                elements: components["schemas"]["ElementItem"][];
                /** @description By name. */
                files: components["schemas"]["PackFileItem"][];
                pack: components["schemas"]["PackItem"];
                /**
                 * Format: int32
                 * @description The version that is shown; `null` where it is the one in force and not kept here.
                 */
                shown?: number | null;
                /** @description What is odd about it and keeps it from nothing. */
                warnings: components["schemas"]["FaultItem"][];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_PackList: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                /** @description Those that win first. */
                packs: components["schemas"]["PackItem"][];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_PackVersions: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                /** @description Newest first. */
                versions: components["schemas"]["PackVersionItem"][];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_Prepared: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                /** @description Whether it can work now. */
                ready: boolean;
                serial: string;
                steps: components["schemas"]["Step"][];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_Preview: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                /** @description Schedules whose tasks could not be created now. */
                failing: components["schemas"]["FailingSchedule"][];
                /** Format: date-time */
                from: string;
                /** @description In order of time. */
                runs: components["schemas"]["PlannedRun"][];
                /** @description For whom a schedule would create nothing now, and why. */
                skipped: components["schemas"]["SkippedTarget"][];
                /** @description The tasks of all these runs together, by phone, account and action. */
                totals: components["schemas"]["PlannedTasks"][];
                /** @description Whether there are more than those that are listed. */
                truncated: boolean;
                /** Format: date-time */
                until: string;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_ProbeResult: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description Whether it is there. */
            data: {
                /** @description Which alternative matched, from 1. */
                alternative?: number | null;
                /** @description What became of each, as `drover-agent flow find` tells it. */
                alternatives: components["schemas"]["TriedAlternative"][];
                /** @description The list as it stands in `elements.toml`, with the draft in it. */
                any: string;
                found: boolean;
                /** @description What it matched: the first is what a flow would touch. */
                nodes: components["schemas"]["FoundNode"][];
                screen: components["schemas"]["ProbedScreen"];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_ReplacedDevice: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description What went to the other phone. */
            data: {
                /** @description The accounts that came along; none of them counts as logged in. */
                accounts: components["schemas"]["MovedAccount"][];
                /** @description The phone that has its place now. */
                device: components["schemas"]["DeviceItem"];
                /** @description Tasks that are at work on the old phone, or wait for a person there: they end there first. */
                ends_first: number[];
                /** @description The groups in which the new phone has the old one's place. */
                groups: string[];
                /** @description Tasks that did something on the old phone of which nobody knows yet what became of it. */
                in_question: number[];
                /**
                 * @description The serial of the phone whose place was taken; it stays in the list as `replaced_by` the other.
                 * @example SIM0001
                 */
                replaced: string;
                /** @description The schedules that named the old phone and name the new one. */
                schedules: components["schemas"]["NamedSchedule"][];
                /** @description The tasks that wait for the new phone now; those of an account begin when that is logged in there. */
                task_ids: number[];
                /** @description What an operator should know. */
                warnings: string[];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_RetriedTasks: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                retried_count: number;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_Revealed: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description A password. */
            data: {
                has_2fa: boolean;
                /** Format: int64 */
                id: number;
                /** @description Without its 2FA secret; empty where none is noted. */
                password: string;
                platform: string;
                username: string;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_RunList: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                /** Format: int32 */
                page: number;
                /** Format: int32 */
                page_size: number;
                runs: components["schemas"]["RunItem"][];
                /** Format: int64 */
                total: number;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_SavedAccount: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description An account that was created or changed. */
            data: components["schemas"]["AccountItem"] & {
                /** @description Whether a 2FA secret was recognised in the password; `null` where none was given. */
                hint?: string | null;
                /** @description What an operator should know. */
                warnings: string[];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_SavedMaterial: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description A material that was taken in. */
            data: components["schemas"]["MaterialItem"] & {
                /** @description false: the same content was in the library already, and nothing of it was changed. */
                created: boolean;
                /** @description What an operator should know. */
                warnings: string[];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_ScheduleItem: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description A schedule. */
            data: {
                /** Format: date-time */
                created_at: string;
                created_by: string;
                /** @example 0 9 * * mon-fri */
                cron?: string | null;
                enable_multi_account: boolean;
                enabled: boolean;
                /** Format: int64 */
                grace_minutes: number;
                groups: string[];
                /** Format: int64 */
                id: number;
                /** Format: int32 */
                jitter_minutes: number;
                last_run?: components["schemas"]["RunItem"] | null;
                /** Format: int32 */
                max_interval?: number | null;
                /** Format: int32 */
                max_retries?: number | null;
                /** Format: int32 */
                min_interval?: number | null;
                /** @description skip, run_once. */
                missed: string;
                name: string;
                /**
                 * Format: date-time
                 * @description When the next run begins; `null` while it is disabled and where none comes any more.
                 */
                next_run_at?: string | null;
                platform?: string | null;
                script_config: Record<string, never>;
                /** @example post */
                script_name: string;
                serials: string[];
                /** @description `null` where `cron` says when. */
                slots?: components["schemas"]["SlotItem"][] | null;
                /**
                 * @description In which it is meant.
                 * @example Europe/Stockholm
                 */
                time_zone: string;
                /** Format: date-time */
                updated_at: string;
                usernames: string[];
                /** Format: date-time */
                valid_from?: string | null;
                /** Format: date-time */
                valid_until?: string | null;
                /** @description What an operator should know of what was just made or changed. */
                warnings: string[];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_ScheduleList: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                /** Format: int32 */
                page: number;
                /** Format: int32 */
                page_size: number;
                schedules: components["schemas"]["ScheduleItem"][];
                /**
                 * Format: int64
                 * @description On all pages.
                 */
                total: number;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_Settings: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                settings: components["schemas"]["Setting"][];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_StatisticsList: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                /** @description In order of time: a day on which nothing was read and nothing changed is not among them. */
                statistics: components["schemas"]["StatisticsItem"][];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_StoppedTask: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                /** Format: int64 */
                id: number;
                /**
                 * @description failed, or stopping where a phone still works on it.
                 * @example failed
                 */
                state: string;
                stopped: boolean;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_TagList: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                /** @description In alphabetical order. */
                tags: components["schemas"]["TagItem"][];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_TaskDetails: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description A task with its attempts and the leave that it was given. */
            data: components["schemas"]["TaskItem"] & {
                /** @description The attempts at it, the first one first; the last 50. */
                attempt_list: components["schemas"]["AttemptItem"][];
                /** @description The leave that was given for its lasting acts, in order. */
                grants: components["schemas"]["GrantItem"][];
                missing?: components["schemas"]["MissingElement"] | null;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_TaskList: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                /** Format: int32 */
                page: number;
                /** Format: int32 */
                page_size: number;
                tasks: components["schemas"]["TaskItem"][];
                /**
                 * Format: int64
                 * @description On all pages.
                 */
                total: number;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_TaskLog: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description A part of an attempt's log. */
            data: {
                /**
                 * Format: int32
                 * @description The attempt's number; `null` where none was made.
                 */
                attempt?: number | null;
                /**
                 * Format: int32
                 * @description The number of the last line here: ask for what comes after it. `null` where there is none.
                 */
                last?: number | null;
                lines: components["schemas"]["LogLine"][];
                /** @description Whether there were more lines already. */
                more: boolean;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_TaskStats: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                /** Format: int64 */
                completed: number;
                /** Format: int64 */
                failed: number;
                /** Format: int64 */
                pending: number;
                /** Format: int64 */
                running: number;
                /** Format: int64 */
                total: number;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_TokenCreated: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: components["schemas"]["TokenItem"] & {
                /**
                 * @description The secret: it is shown this once.
                 * @example drv_…
                 */
                token: string;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_TokenItem: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description A token without its secret. */
            data: {
                /** @description Neither expired nor revoked. */
                active: boolean;
                /** Format: date-time */
                created_at: string;
                /**
                 * Format: date-time
                 * @description `null` for one without an end.
                 */
                expires_at?: string | null;
                /** Format: int64 */
                id: number;
                /**
                 * Format: date-time
                 * @description To about a minute.
                 */
                last_used_at?: string | null;
                name: string;
                /** Format: date-time */
                revoked_at?: string | null;
                /** @description read, control, admin; each holds those before it. */
                scopes: string[];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_TokenList: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                tokens: components["schemas"]["TokenItem"][];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_UserItem: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description A person, without the password. */
            data: {
                /** Format: date-time */
                changed_at: string;
                /** Format: date-time */
                created_at: string;
                enabled: boolean;
                /** Format: int64 */
                id: number;
                /** Format: date-time */
                last_login_at?: string | null;
                name: string;
                /**
                 * @description viewer, operator or admin; each may do what those before it may.
                 * @example operator
                 */
                role: string;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_UserList: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            data: {
                users: components["schemas"]["UserItem"][];
            };
            /** @example success */
            message: string;
        };
        /** @description An answer. */
        Envelope_Who: {
            /**
             * Format: int32
             * @description 0 for success.
             * @example 0
             */
            code: number;
            /** @description Who is asking, and what they may do. */
            data: {
                /**
                 * @description machine: this machine without a token; command_line; token; user.
                 * @example user
                 */
                kind: string;
                /**
                 * @description As the record names them.
                 * @example user anna (1)
                 */
                name: string;
                /**
                 * @description viewer, operator or admin.
                 * @example operator
                 */
                role: string;
            };
            /** @example success */
            message: string;
        };
        /** @description An answer that says why not. */
        ErrorEnvelope: {
            /**
             * Format: int32
             * @description Its first three digits are the HTTP status.
             * @example 40401
             */
            code: number;
            /** @description Empty. */
            data: {
                [key: string]: unknown;
            };
            /** @description For people: what is wrong and what is allowed. */
            message: string;
        };
        ErrorStat: {
            /** Format: int64 */
            count: number;
            /** @example element_missing */
            kind: string;
        };
        /** @description The data of an event; which of the fields it has depends on `what`. */
        EventData: {
            /**
             * Format: int64
             * @description An account's id.
             */
            account?: number | null;
            /** Format: date-time */
            at: string;
            /** @description How many accounts or tasks there are, where it is too many to tell of each. */
            count?: number | null;
            /**
             * Format: date-time
             * @description The moment of a schedule's run.
             */
            due_at?: string | null;
            from?: string | null;
            /** @description A host's id. */
            host?: string | null;
            /**
             * Format: int64
             * @description An import's, a material's or an attention item's id.
             */
            id?: number | null;
            /** @description Of what waits for a person: unknown, captcha, code, … */
            kind?: string | null;
            /** @description What a task says. */
            line?: string | null;
            /** @description Of what waits for a person: what happened, and what to do. */
            message?: string | null;
            /** @description A host's name, or that of a file which a task has left. */
            name?: string | null;
            /**
             * Format: int32
             * @description How far a task is.
             */
            percent?: number | null;
            platform?: string | null;
            progress?: components["schemas"]["Progress"] | null;
            reason?: string | null;
            /** @description What a person decided: done, not_done, resume, abandon. */
            resolution?: string | null;
            /**
             * Format: int64
             * @description The id of a schedule's run.
             */
            run?: number | null;
            /**
             * Format: int64
             * @description A schedule's id.
             */
            schedule?: number | null;
            script?: string | null;
            serial?: string | null;
            state?: string | null;
            /** @description Of a task: pending, running, completed, failed. */
            status?: string | null;
            /**
             * Format: int64
             * @description A task's id.
             */
            task?: number | null;
            to?: string | null;
            username?: string | null;
            /**
             * @description device_added, device_changed, state_changed, device_removed, device_replaced · host_enrolled, host_connected, host_lost,
             *     host_revoked · account_created, account_changed, account_deleted, accounts_changed · task_created, task_changed,
             *     task_deleted, tasks_created, tasks_changed, tasks_deleted, task_progress, task_log, task_file · attention_added,
             *     attention_resolved · import_changed · material_created, material_changed, material_deleted, materials_changed ·
             *     schedule_created, schedule_changed, schedule_deleted, schedule_run, schedule_failed, schedule_missed ·
             *     host_refused, missed.
             * @example state_changed
             */
            what: string;
        };
        FailingSchedule: {
            /** Format: int32 */
            code: number;
            message: string;
            name: string;
            /** Format: int64 */
            schedule_id: number;
        };
        /** @description One faulty cell. */
        Fault: {
            /** @example 0 (enabled) or 1 (disabled) */
            allowed: string;
            class: components["schemas"]["FaultClass"];
            /** @example status */
            column: string;
            /**
             * @description Which class of value stands there: empty, text, number, truth value, date, error.
             * @example number
             */
            found: string;
            /**
             * Format: int32
             * @description As spreadsheet programs count: the header is row 1 in most sheets.
             * @example 12
             */
            row: number;
            /** @example is 2 */
            wrong: string;
        };
        /**
         * @description Why a cell cannot be taken; programs tell cases apart by it.
         * @enum {string}
         */
        FaultClass: "missing" | "not_a_number" | "not_whole" | "negative" | "too_large" | "out_of_range" | "too_long" | "too_many" | "control_characters" | "malformed" | "digits_lost" | "truth_value" | "date" | "error_value" | "not_calculated" | "beside_header" | "unknown_platform" | "other_platform" | "duplicate_in_sheet" | "duplicate_username" | "unknown_device_index" | "device_index_taken";
        /** @description What is wrong or odd in a file. */
        FaultItem: {
            file: string;
            line?: number | null;
            /** @description error, warning. */
            severity: string;
            /** @description With what is allowed. */
            what: string;
        };
        /** @description Why a pack is not taken. */
        FaultList: {
            faults: components["schemas"]["FaultItem"][];
        };
        /** @description One field of an account, before and after. */
        FieldChange: {
            /** @example email */
            field: string;
            /** @description For the password alone: whether a 2FA secret was recognised in the new one. */
            has_2fa?: boolean | null;
            new?: unknown;
            /** @description Left out for the password. */
            old?: unknown;
        };
        FileChange: {
            /** @description `null`: it is gone. */
            after?: string | null;
            /** @description `null`: it was not there. */
            before?: string | null;
            name: string;
        };
        /** @description A script of a platform. */
        FlowItem: {
            /** @description `false`: it was switched off, nothing new of it begins, and what waits for it waits on. */
            enabled: boolean;
            experimental: boolean;
            /** @description Of the pack's content. */
            hash: string;
            help: string;
            /** @description It leaves something behind in the app. */
            lasting: boolean;
            /**
             * @description For `script_name`.
             * @example post
             */
            name: string;
            pack: string;
            /** @description In the order in which forms show them. */
            parameters: components["schemas"]["ParameterItem"][];
            /**
             * Format: int64
             * @description How many tasks wait for it.
             */
            pending: number;
            /** @example tiktok */
            platform: string;
            title: string;
            version: string;
        };
        FlowList: {
            flows: components["schemas"]["FlowItem"][];
        };
        /** @description Whether a flow may be begun. */
        FlowPatch: {
            enabled: boolean;
        };
        /**
         * @description How a flow fared. An attempt that was refused, put off, stopped by hand or lost with its host, or that came as far as a
         *     person's part, says nothing of the flow and is not counted.
         */
        FlowStat: {
            /** @description The same by version and language, the most runs first. */
            by: components["schemas"]["VersionStat"][];
            /** Format: int64 */
            completed: number;
            /** @description The most frequent kinds of failure. */
            errors: components["schemas"]["ErrorStat"][];
            /** Format: int64 */
            failed: number;
            /** @description Elements that did not come up, the most frequent first. */
            missing: components["schemas"]["MissingStat"][];
            /** @example post */
            name: string;
            /** @example tiktok */
            platform: string;
            /**
             * Format: int64
             * @description Attempts that came to an end.
             */
            runs: number;
            /**
             * Format: double
             * @description From 0 to 1.
             */
            success_rate: number;
        };
        FlowStatList: {
            /** Format: int32 */
            days: number;
            /** @description Those that were run, by platform and name. */
            flows: components["schemas"]["FlowStat"][];
            /** Format: date-time */
            since: string;
        };
        /** @description A flow after it was switched. */
        FlowSwitch: {
            enabled: boolean;
            name: string;
            /**
             * Format: int64
             * @description How many tasks wait for it.
             */
            pending: number;
            platform: string;
        };
        ForegroundItem: {
            activity?: string | null;
            /** Format: date-time */
            at: string;
            /** @description Empty where a system window without a package has the focus. */
            package: string;
            /** @description What else is in front. */
            window?: string | null;
        };
        FoundNode: {
            bounds: components["schemas"]["BoundsItem"];
            class: string;
            /** @description Something lies over its middle. */
            covered: boolean;
            description: string;
            id: string;
            text: string;
            touch?: components["schemas"]["PointItem"] | null;
        };
        /** @description The task is given up. */
        GivenUp: {
            comment?: string | null;
            /** @description Whether the act was done; needed where that is in question. */
            was_done?: boolean | null;
        };
        /** @description Leave for one lasting act. */
        GrantItem: {
            /** Format: date-time */
            asked_at: string;
            /**
             * Format: int32
             * @description The number of the attempt that asked; `null` where it is not told any more.
             */
            attempt?: number | null;
            /**
             * @description The act, as the script calls it.
             * @example follow
             */
            commit: string;
            /** @description What was seen before the act. */
            evidence: unknown;
            id: string;
            /** @description The target. */
            key: string;
            /**
             * @description state (it can be seen again) or append (each one leaves another).
             * @example state
             */
            kind: string;
            /**
             * Format: int64
             * @description Counts up over the whole farm.
             */
            number: number;
            /** @description What shows that it was done. */
            proof?: unknown;
            /** Format: date-time */
            settled_at?: string | null;
            /** @description host (its report, its journal, or a look at the app) or person. */
            settled_by?: string | null;
            /**
             * @description open, unknown, done, void.
             * @example done
             */
            state: string;
            /** @description Why it is void or unknown. */
            why?: string | null;
        };
        /** @description A new group. */
        GroupEntry: {
            /** @example shelf 1 */
            name: string;
            /** @description Who is in it, by serial or any alias. */
            serials?: string[];
        };
        /** @description A group of phones. */
        GroupItem: {
            /** Format: date-time */
            created_at: string;
            /** @description How many phones are in it. */
            devices: number;
            /** @example shelf 1 */
            name: string;
            /** @description How many of them are online. */
            online: number;
            /** @description By index. */
            serials: string[];
        };
        GroupList: {
            /** @description By name. */
            groups: components["schemas"]["GroupItem"][];
            total: number;
        };
        /** @description What is to be changed; what is absent stays. */
        GroupPatch: {
            /** @description Who joins it, by serial or any alias. */
            add?: string[];
            /** @description Another name; schedules that name the group go with it. */
            name?: string | null;
            /** @description Who leaves it. */
            remove?: string[];
        };
        HostCounts: {
            away: number;
            /** @description The names of those that are away. */
            away_names: string[];
            connected: number;
            /** @description Without the revoked ones. */
            total: number;
        };
        /** @description A machine with an agent. */
        HostItem: {
            /**
             * @description Where its link comes from.
             * @example 192.168.1.20:49152
             */
            address?: string | null;
            agent_version?: string | null;
            /**
             * Format: date-time
             * @description The end of the certificate that it was given last; it renews by itself.
             */
            certificate_not_after?: string | null;
            connected: boolean;
            /** Format: date-time */
            connected_since?: string | null;
            /** @description Phones that it reports, in whatever state. */
            devices?: number | null;
            /** @example 0193a5b0-7c1e-7000-8000-000000000001 */
            id: string;
            /** Format: date-time */
            joined_at: string;
            /** @description SHA-256 of its public key, in hex. */
            key_fingerprint: string;
            /** Format: date-time */
            last_seen?: string | null;
            name: string;
            /** Format: date-time */
            revoked_at?: string | null;
            /**
             * Format: double
             * @description The link's round trip, in milliseconds.
             */
            rtt_ms?: number | null;
        };
        HostList: {
            /** @description In order of joining, the revoked ones too. */
            hosts: components["schemas"]["HostItem"][];
        };
        /** @description An import as it is listed and polled. */
        Import: {
            dry_run: boolean;
            /** Format: date-time */
            ended_at?: string | null;
            /** Format: int64 */
            id: number;
            /** @description The platform that the import named. */
            platform?: string | null;
            progress: components["schemas"]["Progress"];
            report?: components["schemas"]["Report"] | null;
            /** Format: date-time */
            started_at: string;
            /**
             * @description reading, applying, done, refused, failed, dropped (the controller ended before it changed anything), undoing, undone.
             * @example done
             */
            state: string;
            undo?: components["schemas"]["UndoReport"] | null;
            /**
             * Format: date-time
             * @description Until then it can be taken back.
             */
            undo_until?: string | null;
            who: string;
        };
        Imports: {
            /** @description Newest first; of the reports of those that changed something the counts alone, of others none. */
            imports: components["schemas"]["Import"][];
            /** Format: int32 */
            page: number;
            /** Format: int32 */
            page_size: number;
            /** Format: int64 */
            total: number;
        };
        /** @description The same act on many phones: the fields of one act, and the phones. */
        InputManyWish: {
            /**
             * Format: int32
             * @description Android's number of a key.
             */
            code?: number | null;
            /**
             * Format: int32
             * @description How long the finger stays: 800 for a long press, 300 for a swipe where absent.
             */
            duration_ms?: number | null;
            /** Format: int32 */
            height?: number | null;
            /** @description A key by its name: home, back, enter, power, … */
            key?: string | null;
            /** @description The app's package; for open_url, the app that shall open it. */
            package?: string | null;
            /** @description Into the field that has the focus; any Unicode. */
            text?: string | null;
            /**
             * @description tap (x, y) · long_press (x, y, duration_ms) · swipe (x1, y1, x2, y2, duration_ms) · text (text) · key (code or
             *     key) · open_url (url, package) · start_app (package) · stop_app (package).
             * @example tap
             */
            type: string;
            url?: string | null;
            /**
             * Format: int32
             * @description With `height`, the size of the screen that the coordinates are of: they are scaled to each phone's own.
             */
            width?: number | null;
            /**
             * Format: int32
             * @description Pixels from the left, as in the screenshot.
             */
            x?: number | null;
            /** Format: int32 */
            x1?: number | null;
            /** Format: int32 */
            x2?: number | null;
            /**
             * Format: int32
             * @description Pixels from the top.
             */
            y?: number | null;
            /** Format: int32 */
            y1?: number | null;
            /** Format: int32 */
            y2?: number | null;
        } & {
            /** @description Serials or aliases. */
            serials: string[];
        };
        /** @description One act. Which fields it needs depends on `type`. */
        InputWish: {
            /**
             * Format: int32
             * @description Android's number of a key.
             */
            code?: number | null;
            /**
             * Format: int32
             * @description How long the finger stays: 800 for a long press, 300 for a swipe where absent.
             */
            duration_ms?: number | null;
            /** Format: int32 */
            height?: number | null;
            /** @description A key by its name: home, back, enter, power, … */
            key?: string | null;
            /** @description The app's package; for open_url, the app that shall open it. */
            package?: string | null;
            /** @description Into the field that has the focus; any Unicode. */
            text?: string | null;
            /**
             * @description tap (x, y) · long_press (x, y, duration_ms) · swipe (x1, y1, x2, y2, duration_ms) · text (text) · key (code or
             *     key) · open_url (url, package) · start_app (package) · stop_app (package).
             * @example tap
             */
            type: string;
            url?: string | null;
            /**
             * Format: int32
             * @description With `height`, the size of the screen that the coordinates are of: they are scaled to each phone's own.
             */
            width?: number | null;
            /**
             * Format: int32
             * @description Pixels from the left, as in the screenshot.
             */
            x?: number | null;
            /** Format: int32 */
            x1?: number | null;
            /** Format: int32 */
            x2?: number | null;
            /**
             * Format: int32
             * @description Pixels from the top.
             */
            y?: number | null;
            /** Format: int32 */
            y1?: number | null;
            /** Format: int32 */
            y2?: number | null;
        };
        /** @description A screen, taken apart. */
        Inspected: {
            /** Format: date-time */
            at: string;
            /** @description Which driver read it: plain or resident. */
            driver: string;
            /** @description What the packs find here, whatever the phone's language and the app's version. */
            elements: components["schemas"]["InspectedElement"][];
            /** Format: int32 */
            height: number;
            /** @description In document order: what is drawn later stands later. */
            nodes: components["schemas"]["InspectedNode"][];
            /** @example SIM0001 */
            serial: string;
            /**
             * Format: int32
             * @description The size of the largest window in pixels.
             */
            width: number;
        };
        /** @description An element of a pack that is on the screen. */
        InspectedElement: {
            /** @description Which alternative matches, from 1. */
            alternative: number;
            /** @example like_button */
            element: string;
            help: string;
            /** @description Where that is written in elements.toml. */
            line: number;
            /** @description Places in the list of nodes; the first is the one that is meant. */
            nodes: number[];
            /** @example instagram */
            pack: string;
        };
        InspectedNode: {
            /**
             * @description left, top, right, bottom; the last two lie outside.
             * @example [
             *       0,
             *       0,
             *       1080,
             *       2400
             *     ]
             */
            bounds: number[];
            /** @description It is told from others by its place alone. */
            by_place: boolean;
            class: string;
            /** @description The content description. */
            desc: string;
            /** @description clickable, enabled, focused, …: what is so. */
            flags: string[];
            hint: string;
            package: string;
            /** @description The node that it lies in, as a place in the list; `null` for a window. */
            parent?: number | null;
            resource_id: string;
            /**
             * @description An alternative for elements.toml that matches it and nothing else on this screen; `null` where it has no area.
             * @example { id = "ok" }
             */
            selector?: string | null;
            text: string;
        };
        JoinToken: {
            /** Format: date-time */
            expires_at: string;
            /**
             * Format: int32
             * @description The port of this controller at which hosts join.
             * @example 50811
             */
            join_port: number;
            /** @description For `drover-agent`: good once, shown this once. */
            token: string;
        };
        /** @description How long a join token shall be good. */
        JoinTokenWish: {
            /**
             * Format: int64
             * @default 3600
             */
            ttl_secs: number | null;
        };
        /** @description A key of the vault. */
        KeyItem: {
            /** Format: date-time */
            created_at: string;
            /** @description Whether secrets are sealed with it from now on. */
            current: boolean;
            /**
             * @description Follows from the key; its file is `vault-ID.key`.
             * @example 3f9a02c1
             */
            id: string;
            /** @description Whether the controller has it. */
            present: boolean;
            /** Format: date-time */
            retired_at?: string | null;
            /**
             * Format: int64
             * @description Secrets that it seals.
             */
            secrets: number;
        };
        KeyList: {
            /** @description Oldest first. */
            keys: components["schemas"]["KeyItem"][];
            rotation?: components["schemas"]["RotationItem"] | null;
        };
        /** @description The plan, as clients ask for it before they do anything else. */
        License: {
            api_enabled: boolean;
            /**
             * Format: int32
             * @description Phones that may run scripts at the same time; tasks beyond it wait.
             */
            device_limit: number;
            /** @example API access enabled */
            message: string;
            /** @example Self-hosted */
            plan_name: string;
        };
        /** @description What a watcher is told, as text. */
        LiveWord: {
            reason?: string | null;
            serial: string;
            /**
             * @description online, offline, unauthorized, no_permissions, unplugged, unknown; no_picture where it is online and its
             *     screen cannot be had.
             */
            state: string;
            /** Format: int32 */
            stream: number;
            /** @enum {string} */
            what: "state";
        } | {
            message: string;
            /** @enum {string} */
            what: "refused";
        };
        /** @description A name and a password. */
        Login: {
            name: string;
            password: string;
        };
        /** @description A line of a log. */
        LogLine: {
            /**
             * Format: date-time
             * @description By the host's clock.
             */
            at: string;
            line: string;
            /**
             * Format: int32
             * @description From 0.
             */
            number: number;
        };
        /** @description What is to be done to which materials. */
        MaterialBatch: {
            /**
             * @description tag, untag, used, unused, sort, delete.
             * @example tag
             */
            action: string;
            /** @description 1 to 10,000 ids. */
            ids: number[];
            /** @description For sort: the order numbers, one for each of the ids. */
            sorts?: number[];
            /** @description For tag and untag: a list, or one text with commas. */
            tags?: string[] | null;
        };
        /** @description What came of it. */
        MaterialBatchAnswer: {
            changed_count: number;
            deleted_count: number;
            refused: components["schemas"]["RefusedMaterial"][];
            /**
             * Format: int64
             * @description They were so already.
             */
            unchanged_count: number;
        };
        /** @description What is given of a material; what is absent stays as it is. */
        MaterialEntry: {
            /** @description Spintax as in `captions`, over several lines too; empty clears it. */
            caption?: string | null;
            /**
             * Format: int64
             * @description Lower ones are chosen first; empty: after all numbers.
             */
            sort?: number | null;
            /** @description All tags that it shall have: a list, or one text with commas. Empty clears them. */
            tags?: string[] | null;
            /** @description true: it is not chosen; false: it may be chosen (again). */
            used?: boolean | null;
            /** @description The account that alone may publish it; empty for any. */
            username?: string | null;
        };
        /** @description A content of the library. */
        MaterialItem: {
            /** @description Empty where it has none. Wins over the captions of a task. */
            caption: string;
            /** Format: date-time */
            created_at: string;
            /** @description SHA-256 of the content; no two materials have the same. */
            hash: string;
            /** Format: int64 */
            id: number;
            /**
             * @description video, image.
             * @example video
             */
            kind: string;
            /** @description Its file is gone from the data folder: send it again. */
            missing: boolean;
            /** @example morning.mp4 */
            name: string;
            /**
             * Format: int64
             * @description The task that has it now.
             */
            reserved_by?: number | null;
            /**
             * Format: int64
             * @description In bytes.
             */
            size: number;
            /**
             * Format: int64
             * @description Lower ones are chosen first; `null` comes after all numbers.
             */
            sort?: number | null;
            /**
             * @description free, reserved, used.
             * @example free
             */
            state: string;
            tags: string[];
            /** Format: date-time */
            updated_at: string;
            /**
             * @description Where the content is to be had.
             * @example /api/v1/materials/7/content
             */
            url: string;
            /** @description Whether it was published. It is not chosen again then. */
            used: boolean;
            /** Format: date-time */
            used_at?: string | null;
            /**
             * Format: int64
             * @description The task that published it; `null` where a person marked it.
             */
            used_by?: number | null;
            /** @description The account that alone may publish it; empty for any. */
            username: string;
        };
        MaterialList: {
            materials: components["schemas"]["MaterialItem"][];
            /** Format: int32 */
            page: number;
            /** Format: int32 */
            page_size: number;
            /**
             * Format: int64
             * @description On all pages.
             */
            total: number;
        };
        MaterialTag: {
            /**
             * Format: int64
             * @description Materials that have it.
             */
            materials: number;
            name: string;
            /**
             * Format: int64
             * @description Those of them that were not published yet.
             */
            unused: number;
        };
        MaterialTags: {
            /** @description In alphabetical order. */
            tags: components["schemas"]["MaterialTag"][];
        };
        /** @description An element that did not come up. */
        MissingElement: {
            /** @example post_button */
            element: string;
            /** @example tiktok */
            pack: string;
        };
        MissingStat: {
            /** Format: int64 */
            count: number;
            /** @example post_button */
            element: string;
            /** @description The pack that has it. */
            pack: string;
            /**
             * Format: int64
             * @description The last task that missed it.
             */
            task: number;
        };
        /** @description A moment at which a schedule runs. */
        MomentItem: {
            /**
             * Format: date-time
             * @description When it begins: later where it is spread.
             */
            at: string;
            /**
             * Format: date-time
             * @description As its rule tells it.
             */
            due_at: string;
            /**
             * @description The same by the clock of its zone.
             * @example 2027-03-28T03:00:00+02:00
             */
            local: string;
        };
        MovedAccount: {
            /** Format: int64 */
            id: number;
            /** @example tiktok */
            platform: string;
            username: string;
        };
        NamedSchedule: {
            /** Format: int64 */
            id: number;
            name: string;
        };
        /** @description A password in the place of another. */
        NewPassword: {
            /** @description 10 to 200 characters. */
            new_password: string;
            password: string;
        };
        NextRuns: {
            next_runs: components["schemas"]["MomentItem"][];
        };
        /** @description Nothing to tell but that it is done. */
        Nothing: Record<string, never>;
        Overview: {
            /** @description The latest alerts since the start, newest first. */
            alerts: unknown[];
            backups: components["schemas"]["BackupsItem"];
            devices: components["schemas"]["DeviceCounts"];
            /** @description Phones in each group. */
            groups: {
                [key: string]: number;
            };
            hosts: components["schemas"]["HostCounts"];
            /** Format: date-time */
            now: string;
            plan_name: string;
            /** Format: date-time */
            started_at: string;
            /** @description Of the controller. */
            version: string;
        };
        /** @description What came of a change. */
        PackChange: {
            /** @description Whether a new version was made; `false` where it is the same as before, or was a dry run. */
            changed: boolean;
            /** @description What differs, or would. */
            files: components["schemas"]["FileChange"][];
            pack?: components["schemas"]["PackItem"] | null;
            /** @description What is odd about it and keeps it from nothing. */
            warnings: components["schemas"]["FaultItem"][];
        };
        /** @description A pack with all that is in it. */
        PackDetails: {
            /** @description In the order of `elements.toml`. */
            elements: components["schemas"]["ElementItem"][];
            /** @description By name. */
            files: components["schemas"]["PackFileItem"][];
            pack: components["schemas"]["PackItem"];
            /**
             * Format: int32
             * @description The version that is shown; `null` where it is the one in force and not kept here.
             */
            shown?: number | null;
            /** @description What is odd about it and keeps it from nothing. */
            warnings: components["schemas"]["FaultItem"][];
        };
        /** @description A pack as its files. */
        PackEntry: {
            /** @description Names and texts. */
            files: Record<string, never>;
        };
        PackFileItem: {
            /** @example elements.toml */
            name: string;
            text: string;
        };
        /** @description A pack: what operates one app. */
        PackItem: {
            beneath?: components["schemas"]["BeneathItem"] | null;
            /** Format: date-time */
            changed_at: string | null;
            changed_by?: string | null;
            elements: number;
            /** @description Why a kept version that should be in force cannot be used. */
            fault?: string | null;
            /** @description The flows of which it is the pack. */
            flows: string[];
            /** @description Of its content. */
            hash: string;
            /** @description `false`: it was taken out, cannot be used, or other packs have all its flows and go first. */
            in_force: boolean;
            /** @example tiktok */
            name: string;
            /**
             * Format: int32
             * @description Of the version that is kept here; `null` where it lies with the program or in the folder.
             */
            number?: number | null;
            /**
             * @description built_in, folder, edited, imported, reverted.
             * @example built_in
             */
            origin: string;
            /** @description The app's packages, the usual one first. */
            packages: string[];
            /** @example tiktok */
            platform: string;
            reason?: string | null;
            /** @description What its `pack.toml` calls its version. */
            version: string;
        };
        PackList: {
            /** @description Those that win first. */
            packs: components["schemas"]["PackItem"][];
        };
        /** @description Texts of a pack's files. */
        PackPatch: {
            /** @description Only look whether it could be taken. */
            dry_run?: boolean;
            /** @description Names and texts; `null` takes a file away. Files that are not named stay. */
            files: Record<string, never>;
            /** @description The hash of the pack that was changed: where another one is in force by now, nothing is changed (40901). */
            made_from?: string | null;
            /**
             * @description Why, for those who come after.
             * @example the app renamed its button
             */
            reason: string;
        };
        /** @description Which version shall be in force again. */
        PackRevert: {
            /** @description Only look what it would change. */
            dry_run?: boolean;
            /** @description The hash of the pack that was looked at: where another one is in force by now, nothing is changed (40901). */
            made_from?: string | null;
            /** @description Why, for those who come after. */
            reason: string;
            /**
             * Format: int32
             * @description The number of a kept version; left out: what comes with the program or lies in the folder.
             */
            version?: number | null;
        };
        /** @description A version that is kept. */
        PackVersionItem: {
            /** Format: date-time */
            changed_at: string;
            /** @description Empty where nobody made it here. */
            changed_by: string;
            hash: string;
            in_force: boolean;
            /**
             * Format: int32
             * @description From 1.
             */
            number: number;
            /** @description built_in or folder (what was there before the first change), edited, imported, reverted. */
            origin: string;
            reason: string;
            version: string;
        };
        PackVersions: {
            /** @description Newest first. */
            versions: components["schemas"]["PackVersionItem"][];
        };
        /** @description What a script takes, for `script_config`. */
        ParameterItem: {
            /** @description Other names that are taken for it. */
            aliases: string[];
            /** @description Of a choice: all that it may be; empty for other types. */
            choices: unknown[];
            /** @description What it is where it is not given. */
            default: unknown;
            example: unknown;
            experimental: boolean;
            help: string;
            /** Format: double */
            max?: number | null;
            /** @description Of lists. */
            max_entries?: number | null;
            /** @description Of texts, in characters. */
            max_length?: number | null;
            /**
             * Format: double
             * @description Of numbers, in the unit that the help names; of durations in seconds.
             */
            min?: number | null;
            /** @example upload_wait_time */
            name: string;
            /** @description At least one of the parameters with the same word here must be given. */
            one_of?: string | null;
            /** @description It is known and not offered, and why: what would switch it on is refused. */
            refuse?: string | null;
            required: boolean;
            /**
             * @description text (of several lines), line, lines and list (several entries), integer, number, boolean, percent, choice, duration
             *     (seconds, or "10m"), path, secret.
             * @example integer
             */
            type: string;
        };
        PhoneChange: {
            /** Format: int32 */
            new: number;
            /** Format: int32 */
            old: number;
            serial: string;
        };
        /** @description A run that comes. */
        PlannedRun: {
            /**
             * Format: date-time
             * @description When it begins.
             */
            at: string;
            /** Format: date-time */
            due_at: string;
            name: string;
            /** Format: int64 */
            schedule_id: number;
            /** @example post */
            script_name: string;
            /** @description How many it would create now. */
            tasks: number;
        };
        /** @description Tasks that come. */
        PlannedTasks: {
            /** Format: int64 */
            account_id?: number | null;
            /**
             * @description The script.
             * @example follow
             */
            action: string;
            /**
             * Format: int32
             * @description The acts of this kind that the account may do in a day; `null` where there is no limit.
             */
            cap?: number | null;
            /** @description What the account has done of this kind today. */
            done_today: number;
            /** @description The most of them on one day of the farm, with what was done today already: that is held against the cap. */
            most_a_day: number;
            /** @example tiktok */
            platform: string;
            serial: string;
            tasks: number;
            username?: string | null;
        };
        PointItem: {
            /** Format: int32 */
            x: number;
            /** Format: int32 */
            y: number;
        };
        Prepared: {
            /** @description Whether it can work now. */
            ready: boolean;
            serial: string;
            steps: components["schemas"]["Step"][];
        };
        /** @description How a phone is to be prepared. */
        PrepareWish: {
            /**
             * @description Only look; change nothing.
             * @default false
             */
            check: boolean | null;
        };
        Preview: {
            /** @description Schedules whose tasks could not be created now. */
            failing: components["schemas"]["FailingSchedule"][];
            /** Format: date-time */
            from: string;
            /** @description In order of time. */
            runs: components["schemas"]["PlannedRun"][];
            /** @description For whom a schedule would create nothing now, and why. */
            skipped: components["schemas"]["SkippedTarget"][];
            /** @description The tasks of all these runs together, by phone, account and action. */
            totals: components["schemas"]["PlannedTasks"][];
            /** @description Whether there are more than those that are listed. */
            truncated: boolean;
            /** Format: date-time */
            until: string;
        };
        /** @description The screen on which it was looked for. */
        ProbedScreen: {
            app_version?: string | null;
            /**
             * Format: int32
             * @description The attempt that left it.
             */
            attempt?: number | null;
            /** Format: int32 */
            height: number;
            language?: string | null;
            nodes: number;
            /** @description Whose windows are on it. */
            packages: string[];
            /**
             * @description The picture that was left with it.
             * @example /api/v1/task/7/artifacts/1/screen.png
             */
            picture?: string | null;
            /** @description Whether the pack's app is among them. */
            shows_app: boolean;
            /** Format: int32 */
            width: number;
        };
        /** @description Whether it is there. */
        ProbeResult: {
            /** @description Which alternative matched, from 1. */
            alternative?: number | null;
            /** @description What became of each, as `drover-agent flow find` tells it. */
            alternatives: components["schemas"]["TriedAlternative"][];
            /** @description The list as it stands in `elements.toml`, with the draft in it. */
            any: string;
            found: boolean;
            /** @description What it matched: the first is what a flow would touch. */
            nodes: components["schemas"]["FoundNode"][];
            screen: components["schemas"]["ProbedScreen"];
        };
        /** @description Rows so far. */
        Progress: {
            /**
             * Format: int32
             * @description Applied, or taken back.
             */
            applied: number;
            /**
             * Format: int32
             * @description Read and compared.
             */
            read: number;
            /**
             * Format: int32
             * @description To be applied, or taken back.
             */
            total: number;
        };
        /** @description An account to which it was not done. */
        RefusedAccount: {
            /** Format: int64 */
            id: number;
            reason: string;
        };
        /** @description A material to which it was not done. */
        RefusedMaterial: {
            /** Format: int64 */
            id: number;
            reason: string;
        };
        /** @description What an operator wants to be kept with it. */
        Remark: {
            comment?: string | null;
        };
        /** @description What went to the other phone. */
        ReplacedDevice: {
            /** @description The accounts that came along; none of them counts as logged in. */
            accounts: components["schemas"]["MovedAccount"][];
            /** @description The phone that has its place now. */
            device: components["schemas"]["DeviceItem"];
            /** @description Tasks that are at work on the old phone, or wait for a person there: they end there first. */
            ends_first: number[];
            /** @description The groups in which the new phone has the old one's place. */
            groups: string[];
            /** @description Tasks that did something on the old phone of which nobody knows yet what became of it. */
            in_question: number[];
            /**
             * @description The serial of the phone whose place was taken; it stays in the list as `replaced_by` the other.
             * @example SIM0001
             */
            replaced: string;
            /** @description The schedules that named the old phone and name the new one. */
            schedules: components["schemas"]["NamedSchedule"][];
            /** @description The tasks that wait for the new phone now; those of an account begin when that is logged in there. */
            task_ids: number[];
            /** @description What an operator should know. */
            warnings: string[];
        };
        /** @description Which phone takes the place. */
        ReplaceWish: {
            /**
             * @description Its serial or any alias; it must have been seen here.
             * @example SIM0002
             */
            by: string;
            /**
             * @description Do it also where that phone has accounts of its own, which it keeps.
             * @default false
             */
            merge: boolean;
        };
        /** @description What came of an import's rows. */
        Report: {
            /** @description Rows that create or update; the first 1,000. */
            changes: components["schemas"]["RowChange"][];
            /** Format: int32 */
            changes_total: number;
            /** Format: int32 */
            created: number;
            /** @description In the order of the sheet; the first 10,000. */
            faults: components["schemas"]["Fault"][];
            /** Format: int32 */
            faults_total: number;
            /**
             * Format: int32
             * @description Rows with at least one faulty cell.
             */
            faulty: number;
            /** @description Phones that got another index (`adopt_device_index`). */
            phones: components["schemas"]["PhoneChange"][];
            /** @description Why the sheet as a whole was refused. */
            refusal?: string | null;
            /**
             * Format: int32
             * @description Rows with something in them.
             */
            rows: number;
            /**
             * Format: int32
             * @description Left aside: they stand with other values, and on_duplicate was skip.
             */
            skipped: number;
            /**
             * Format: int32
             * @description Rows of which the password held a 2FA secret that was recognised.
             */
            two_factor: number;
            /** Format: int32 */
            unchanged: number;
            /** Format: int32 */
            updated: number;
            /** @description The first 1,000. */
            warnings: components["schemas"]["Warning"][];
            /** Format: int32 */
            warnings_total: number;
        };
        /** @description Pixels as input coordinates and screenshots use them. */
        Resolution: {
            /** Format: date-time */
            at: string;
            /** Format: int32 */
            density: number;
            /** Format: int32 */
            height: number;
            /**
             * Format: int32
             * @description Quarter turns from the natural orientation.
             */
            rotation: number;
            /** Format: int32 */
            width: number;
        };
        RetriedTasks: {
            retried_count: number;
        };
        /** @description A password. */
        Revealed: {
            has_2fa: boolean;
            /** Format: int64 */
            id: number;
            /** @description Without its 2FA secret; empty where none is noted. */
            password: string;
            platform: string;
            username: string;
        };
        /** @description How far a change of keys is. */
        RotationItem: {
            /**
             * Format: int64
             * @description Secrets that were looked at.
             */
            done: number;
            /** Format: int64 */
            total: number;
        };
        /** @description What one row does. */
        RowChange: {
            /**
             * @description created, updated.
             * @example updated
             */
            action: string;
            fields: components["schemas"]["FieldChange"][];
            /**
             * Format: int64
             * @description None for an account that is not made yet.
             */
            id?: number | null;
            /** @example tiktok */
            platform: string;
            /** Format: int32 */
            row: number;
            username: string;
        };
        /** @description Why a run failed. */
        RunFault: {
            /**
             * Format: int32
             * @example 40401
             */
            code: number;
            message: string;
        };
        /** @description What came of a run. */
        RunItem: {
            /**
             * Format: date-time
             * @description When it was done.
             */
            at: string;
            /** @description A person had it run. */
            by_hand: boolean;
            /** Format: int32 */
            created_count: number;
            /**
             * Format: date-time
             * @description The moment that it is of.
             */
            due_at: string;
            error?: components["schemas"]["RunFault"] | null;
            /**
             * Format: int64
             * @description Its tasks have the ids from this one on.
             */
            first_task_id?: number | null;
            /** Format: int64 */
            id: number;
            /** Format: int64 */
            last_task_id?: number | null;
            /**
             * Format: int32
             * @description How many moments before this one were missed, too: they are left out, or made up for by this run.
             */
            missed_before: number;
            /**
             * Format: date-time
             * @description The first of them.
             */
            missed_from?: string | null;
            /** Format: int64 */
            schedule_id: number;
            /** @description For whom nothing was created, and why. */
            skipped: components["schemas"]["SkippedItem"][];
            /**
             * @description created, failed, missed.
             * @example created
             */
            state: string;
            warnings: string[];
            who: string;
        };
        RunList: {
            /** Format: int32 */
            page: number;
            /** Format: int32 */
            page_size: number;
            runs: components["schemas"]["RunItem"][];
            /** Format: int64 */
            total: number;
        };
        /** @description An account that was created or changed. */
        SavedAccount: components["schemas"]["AccountItem"] & {
            /** @description Whether a 2FA secret was recognised in the password; `null` where none was given. */
            hint?: string | null;
            /** @description What an operator should know. */
            warnings: string[];
        };
        /** @description A material that was taken in. */
        SavedMaterial: components["schemas"]["MaterialItem"] & {
            /** @description false: the same content was in the library already, and nothing of it was changed. */
            created: boolean;
            /** @description What an operator should know. */
            warnings: string[];
        };
        /** @description A schedule: when, and what then. What is not needed may be left out. */
        ScheduleFields: {
            /**
             * @description Five fields: minute, hour, day, month, weekday; with ranges, lists, steps and names.
             * @example 0 9 * * mon-fri
             */
            cron?: string | null;
            /**
             * @description As in `POST /task`.
             * @default false
             */
            enable_multi_account: boolean;
            /** @default true */
            enabled: boolean;
            /**
             * Format: int32
             * @description How late a run still counts as on time; as the setting says where absent.
             */
            grace_minutes?: number | null;
            /** @description Whoever is in these groups when it runs. */
            groups?: string[];
            /**
             * Format: int32
             * @description A run begins by a random time of up to so many minutes later, but before the next one is due.
             * @default 0
             */
            jitter_minutes: number;
            /** Format: int32 */
            max_interval?: number | null;
            /** Format: int32 */
            max_retries?: number | null;
            /**
             * Format: int32
             * @description As in `POST /task`: minutes between the tasks of a run on one phone.
             */
            min_interval?: number | null;
            /**
             * @description skip leaves out runs at whose time no controller was there; run_once has one run make up for all of them.
             * @default skip
             */
            missed: string;
            /**
             * @description Unique.
             * @example morning posts
             */
            name: string;
            /** @description As in `POST /task`. */
            platform?: string | null;
            /** @description As in `POST /task`. */
            script_config?: Record<string, never> | null;
            /**
             * @description As in `POST /task`.
             * @example post
             */
            script_name: string;
            /** @description Phones, by serial or any alias. Phones, groups or accounts are needed. */
            serials?: string[];
            /** @description Several of both, in their place. */
            slots?: components["schemas"]["SlotItem"][] | null;
            /**
             * @description An IANA name; the controller's where absent.
             * @example Europe/Stockholm
             */
            time_zone?: string | null;
            /**
             * @description Times of each day, or of the days that `weekdays` names. These, `slots` or `cron` are needed.
             * @example [
             *       "09:00",
             *       "18:30"
             *     ]
             */
            times?: string[];
            /** @description Accounts; neither serials nor groups beside them. */
            usernames?: string[];
            /**
             * Format: date-time
             * @description No run is due before.
             */
            valid_from?: string | null;
            /**
             * Format: date-time
             * @description No run is due after.
             */
            valid_until?: string | null;
            /**
             * @description mon to sun, ranges such as mon-fri; every day where absent.
             * @example [
             *       "mon-fri"
             *     ]
             */
            weekdays?: string[];
        };
        /** @description A schedule. */
        ScheduleItem: {
            /** Format: date-time */
            created_at: string;
            created_by: string;
            /** @example 0 9 * * mon-fri */
            cron?: string | null;
            enable_multi_account: boolean;
            enabled: boolean;
            /** Format: int64 */
            grace_minutes: number;
            groups: string[];
            /** Format: int64 */
            id: number;
            /** Format: int32 */
            jitter_minutes: number;
            last_run?: components["schemas"]["RunItem"] | null;
            /** Format: int32 */
            max_interval?: number | null;
            /** Format: int32 */
            max_retries?: number | null;
            /** Format: int32 */
            min_interval?: number | null;
            /** @description skip, run_once. */
            missed: string;
            name: string;
            /**
             * Format: date-time
             * @description When the next run begins; `null` while it is disabled and where none comes any more.
             */
            next_run_at?: string | null;
            platform?: string | null;
            script_config: Record<string, never>;
            /** @example post */
            script_name: string;
            serials: string[];
            /** @description `null` where `cron` says when. */
            slots?: components["schemas"]["SlotItem"][] | null;
            /**
             * @description In which it is meant.
             * @example Europe/Stockholm
             */
            time_zone: string;
            /** Format: date-time */
            updated_at: string;
            usernames: string[];
            /** Format: date-time */
            valid_from?: string | null;
            /** Format: date-time */
            valid_until?: string | null;
            /** @description What an operator should know of what was just made or changed. */
            warnings: string[];
        };
        ScheduleList: {
            /** Format: int32 */
            page: number;
            /** Format: int32 */
            page_size: number;
            schedules: components["schemas"]["ScheduleItem"][];
            /**
             * Format: int64
             * @description On all pages.
             */
            total: number;
        };
        /** @description When, as in `POST /schedules`. */
        ScheduleTiming: {
            /**
             * Format: int32
             * @description How many moments are wanted, 1 to 1000.
             * @default 10
             */
            count: number;
            /** @example 0 9 * * mon-fri */
            cron?: string | null;
            slots?: components["schemas"]["SlotItem"][] | null;
            /** @example Europe/Stockholm */
            time_zone?: string | null;
            /**
             * @example [
             *       "09:00",
             *       "18:30"
             *     ]
             */
            times?: string[];
            /** Format: date-time */
            valid_from?: string | null;
            /** Format: date-time */
            valid_until?: string | null;
            /**
             * @example [
             *       "mon-fri"
             *     ]
             */
            weekdays?: string[];
        };
        ScreenItem: {
            /** Format: date-time */
            at: string;
            locked: boolean;
            on: boolean;
        };
        /** @description What is to be exported, and whether with passwords. */
        SecretExportWish: {
            /**
             * @description xlsx, csv or ods.
             * @example xlsx
             */
            format?: string | null;
            /**
             * @description en, fr, sv or zh: of the sheet that explains the columns.
             * @example en
             */
            language?: string | null;
            /** @description tiktok or instagram; both where it is left out, with the columns platform, packagename and tags beside the 15. */
            platform?: string | null;
        } & {
            /** @description Passwords too, with their 2FA secrets. */
            include_secrets?: boolean | null;
        };
        /** @description One setting. */
        Setting: {
            /** @description What it can be, where it is one of a few words. */
            choices?: string[] | null;
            /** @description In force where it was not set: from the configuration. */
            default: unknown;
            help: string;
            is_set: boolean;
            /** @example api.always_200 */
            name: string;
            /** @description In force now. */
            value: unknown;
        };
        Settings: {
            settings: components["schemas"]["Setting"][];
        };
        /** @description Names and values; `null` takes a setting back to its default. */
        SettingsChange: {
            /** @description Any other setting that the list names. */
            "*"?: unknown;
            /** @description `HOST` or `HOST:PORT` under which the API may be called beside the loopback names. */
            allowed_hosts?: string[] | null;
            /** @description Answer every envelope with HTTP 200. */
            "api.always_200"?: boolean | null;
        };
        SkippedItem: {
            /**
             * @description account_disabled, phone_replaced, no_device, no_account, logged_in, not_offered_on_platform, flow_disabled.
             * @example account_disabled
             */
            reason: string;
            serial?: string | null;
            username?: string | null;
        };
        /** @description A phone or an account that a schedule means and passes over. */
        SkippedTarget: components["schemas"]["SkippedItem"] & {
            name: string;
            /** Format: int64 */
            schedule_id: number;
        };
        /** @description Times of some days of the week. */
        SlotItem: {
            /** @description HH:MM. */
            times: string[];
            /** @description mon, tue, wed, thu, fri, sat, sun. */
            weekdays: string[];
        };
        /** @description The last that was known of a day; what was not known is `null`. */
        StatisticsItem: {
            /** Format: date-time */
            at: string;
            /** Format: int64 */
            followers?: number | null;
            /** Format: int64 */
            following?: number | null;
            /** Format: int64 */
            friends?: number | null;
            /** Format: int64 */
            hearts?: number | null;
            /** Format: int64 */
            videos?: number | null;
        };
        StatisticsList: {
            /** @description In order of time: a day on which nothing was read and nothing changed is not among them. */
            statistics: components["schemas"]["StatisticsItem"][];
        };
        Step: {
            /** @description Why it matters, or what to do. */
            advice?: string | null;
            found: string;
            /** @example screen_lock */
            name: string;
            /** @description ok, fixed, would_fix, needs_person, unseen, failed. */
            state: string;
            title: string;
        };
        StoppedTask: {
            /** Format: int64 */
            id: number;
            /**
             * @description failed, or stopping where a phone still works on it.
             * @example failed
             */
            state: string;
            stopped: boolean;
        };
        TagItem: {
            /**
             * Format: int64
             * @description Accounts that have it.
             */
            accounts: number;
            name: string;
        };
        TagList: {
            /** @description In alphabetical order. */
            tags: components["schemas"]["TagItem"][];
        };
        /** @description A task with its attempts and the leave that it was given. */
        TaskDetails: components["schemas"]["TaskItem"] & {
            /** @description The attempts at it, the first one first; the last 50. */
            attempt_list: components["schemas"]["AttemptItem"][];
            /** @description The leave that was given for its lasting acts, in order. */
            grants: components["schemas"]["GrantItem"][];
            missing?: components["schemas"]["MissingElement"] | null;
        };
        /** @description What is wanted of which phones or accounts. */
        TaskEntry: {
            /**
             * @description Creates nothing: `created_count` tells how many tasks there would be, `skipped` and `warnings` are as they would be.
             * @default false
             */
            dry_run: boolean;
            /**
             * @description Device mode: one task for each enabled account that is bound to the phone.
             * @default false
             */
            enable_multi_account: boolean;
            /** @description Device mode: the phones of these groups, beside `serials` or in their place. */
            groups?: string[];
            /** Format: int32 */
            max_interval?: number | null;
            /**
             * Format: int32
             * @description In the place of the setting.
             */
            max_retries?: number | null;
            /**
             * Format: int32
             * @description Minutes: the tasks of this call on one phone follow one another by a random time between both.
             */
            min_interval?: number | null;
            /**
             * @description tiktok or instagram: which app, where no account decides it, or a username exists on both.
             * @example tiktok
             */
            platform?: string | null;
            /** @description The script's parameters; see GET /flows. */
            script_config?: Record<string, never> | null;
            /**
             * @description post, follow, unfollow, comment, like, account_warmup, profile, login, match_accounts, switch_account, sync_data,
             *     or a script of your own packs.
             * @example post
             */
            script_name: string;
            /**
             * @description Device mode: phones, by serial or any alias. Needed without `usernames`.
             * @example [
             *       "SIM0001"
             *     ]
             */
            serials: string[];
            /**
             * Format: date-time
             * @description An exact time, in the place of `start_time`.
             */
            start_at?: string | null;
            /**
             * @description HH:MM in the controller's time zone, the next time that it is so late; one that passed less than five minutes ago
             *     is now.
             * @example 09:30
             */
            start_time?: string | null;
            /** @description Account mode: usernames, a leading `@` is dropped. Needed without `serials`, and wins over them. */
            usernames: string[];
        };
        /** @description Why a task failed. */
        TaskFault: {
            /**
             * @description One word, always the same for the same: limited, no_material, stopped.
             * @example no_material
             */
            kind: string;
            message: string;
        };
        /** @description Which tasks. */
        TaskIds: {
            /** @description 1 to 10,000 ids. */
            task_ids: number[];
        };
        /** @description A task. */
        TaskItem: {
            /** Format: int64 */
            account_id?: number | null;
            /** @description What its attempts left for whoever looks at them: of a failed one the last screen as picture and as hierarchy. */
            artifacts: components["schemas"]["ArtifactItem"][];
            /**
             * Format: int32
             * @description How many were made.
             */
            attempts: number;
            /** Format: date-time */
            created_at: string;
            /**
             * Format: int32
             * @description `null` where the phone was never seen.
             */
            device_index?: number | null;
            error?: components["schemas"]["TaskFault"] | null;
            /** Format: date-time */
            finished_at?: string | null;
            /** Format: int64 */
            id: number;
            /**
             * Format: int32
             * @description How often it is tried again by itself; `null` for as often as the settings say.
             */
            max_retries?: number | null;
            /** @example tiktok */
            platform: string;
            /**
             * Format: int32
             * @description 0 to 100.
             */
            progress: number;
            /** @description What is being done. */
            progress_text: string;
            /** @description What shows that it was done. */
            proof?: unknown;
            /** @description What the script found out or did. */
            result?: unknown;
            /**
             * Format: date-time
             * @description When it is tried again.
             */
            retry_at?: string | null;
            /**
             * Format: int64
             * @description The schedule that had it created.
             */
            schedule_id?: number | null;
            /** @description As it was asked for, of this task's target alone. */
            script_config: Record<string, never>;
            /** @example post */
            script_name: string;
            /** @example SIM0001 */
            serial: string;
            /**
             * @description ui, api.
             * @example api
             */
            source: string;
            /**
             * Format: date-time
             * @description When it is to start; `null` for as soon as may be.
             */
            start_time?: string | null;
            /** Format: date-time */
            started_at?: string | null;
            /**
             * @description More exactly: waiting, retrying, handed, running, stopping, verifying, person, completed, failed.
             * @example waiting
             */
            state: string;
            /**
             * Format: int64
             * @description 0 pending, 1 running, 2 completed, 3 failed.
             */
            status: number;
            /**
             * @description pending, running, completed, failed.
             * @example pending
             */
            status_text: string;
            /** @description `null` where no account was chosen: the app's own session is used. */
            username?: string | null;
            /** @description Why it is not running yet. */
            waiting_for?: string | null;
        };
        TaskList: {
            /** Format: int32 */
            page: number;
            /** Format: int32 */
            page_size: number;
            tasks: components["schemas"]["TaskItem"][];
            /**
             * Format: int64
             * @description On all pages.
             */
            total: number;
        };
        /** @description A part of an attempt's log. */
        TaskLog: {
            /**
             * Format: int32
             * @description The attempt's number; `null` where none was made.
             */
            attempt?: number | null;
            /**
             * Format: int32
             * @description The number of the last line here: ask for what comes after it. `null` where there is none.
             */
            last?: number | null;
            lines: components["schemas"]["LogLine"][];
            /** @description Whether there were more lines already. */
            more: boolean;
        };
        TaskStats: {
            /** Format: int64 */
            completed: number;
            /** Format: int64 */
            failed: number;
            /** Format: int64 */
            pending: number;
            /** Format: int64 */
            running: number;
            /** Format: int64 */
            total: number;
        };
        TokenCreated: components["schemas"]["TokenItem"] & {
            /**
             * @description The secret: it is shown this once.
             * @example drv_…
             */
            token: string;
        };
        /** @description A token without its secret. */
        TokenItem: {
            /** @description Neither expired nor revoked. */
            active: boolean;
            /** Format: date-time */
            created_at: string;
            /**
             * Format: date-time
             * @description `null` for one without an end.
             */
            expires_at?: string | null;
            /** Format: int64 */
            id: number;
            /**
             * Format: date-time
             * @description To about a minute.
             */
            last_used_at?: string | null;
            name: string;
            /** Format: date-time */
            revoked_at?: string | null;
            /** @description read, control, admin; each holds those before it. */
            scopes: string[];
        };
        TokenList: {
            tokens: components["schemas"]["TokenItem"][];
        };
        /** @description A token to be made. */
        TokenWish: {
            /** @description For people, and for the record. */
            name: string;
            /** @description read, control, admin; `["read"]` where absent. */
            scopes?: string[] | null;
            /**
             * Format: int64
             * @description How long it is good, in seconds; absent: without end.
             */
            ttl_secs?: number | null;
        };
        TriedAlternative: {
            /** @description What it says: texts, lists of texts, numbers, true and false. */
            fields: Record<string, never>;
            /** @description In `elements.toml`, with the draft in it. */
            line: number;
            /** @description How many nodes it matches. */
            matches: number;
            /** @description From 1. */
            number: number;
            /** @description How many nodes were left after each condition, or what rules it out. */
            said: string[];
            /** @description As it is written there. */
            source: string;
        };
        /** @description Why one row was not taken back. */
        UndoRefusal: {
            /** Format: int64 */
            id?: number | null;
            /**
             * Format: int32
             * @description Of the sheet; none for a phone's index.
             */
            row?: number | null;
            why: string;
        };
        /** @description What came of taking an import back. */
        UndoReport: {
            /**
             * Format: int32
             * @description Accounts that the import had made and that are gone again.
             */
            deleted: number;
            /**
             * Format: int32
             * @description Phones that have their index again.
             */
            phones: number;
            /** @description Rows that were left as they are; the first 10,000. */
            refused: components["schemas"]["UndoRefusal"][];
            /** Format: int32 */
            refused_total: number;
            /**
             * Format: int32
             * @description Accounts that are as they were before.
             */
            restored: number;
        };
        UseItem: {
            file: string;
            line: number;
        };
        /** @description A person, without the password. */
        UserItem: {
            /** Format: date-time */
            changed_at: string;
            /** Format: date-time */
            created_at: string;
            enabled: boolean;
            /** Format: int64 */
            id: number;
            /** Format: date-time */
            last_login_at?: string | null;
            name: string;
            /**
             * @description viewer, operator or admin; each may do what those before it may.
             * @example operator
             */
            role: string;
        };
        UserList: {
            users: components["schemas"]["UserItem"][];
        };
        /** @description What changes of a person; what is absent stays. Their sessions end. */
        UserPatch: {
            enabled?: boolean | null;
            password?: string | null;
            role?: string | null;
        };
        /** @description A person to be let in. */
        UserWish: {
            /** @description 1 to 64 letters, digits, `.`, `_`, `-` or `@`; whether they are large or small makes no difference. */
            name: string;
            /** @description 10 to 200 characters. */
            password: string;
            /**
             * @description viewer where absent.
             * @example operator
             */
            role?: string | null;
        };
        VersionStat: {
            /** @description The app's; `null` where the app never came up. */
            app_version?: string | null;
            /** Format: int64 */
            completed: number;
            /** Format: int64 */
            failed: number;
            /** @description The phone's; `null` where no failed attempt on that phone has told it yet. */
            language?: string | null;
            /** Format: int64 */
            runs: number;
        };
        Warning: {
            column?: string | null;
            kind: components["schemas"]["WarningKind"];
            message: string;
            /**
             * Format: int32
             * @description None for the sheet as a whole.
             */
            row?: number | null;
        };
        /**
         * @description What is odd, but was taken.
         * @enum {string}
         */
        WarningKind: "unknown_column" | "file" | "digits_lost" | "unknown_id" | "unknown_device" | "device_index_disagrees" | "device_index_unused" | "device_index_not_adopted" | "unbound" | "two_factor_removed" | "moved";
        /** @description Who is asking, and what they may do. */
        Who: {
            /**
             * @description machine: this machine without a token; command_line; token; user.
             * @example user
             */
            kind: string;
            /**
             * @description As the record names them.
             * @example user anna (1)
             */
            name: string;
            /**
             * @description viewer, operator or admin.
             * @example operator
             */
            role: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_accounts: {
        parameters: {
            query?: {
                /** @description Bound to this phone: its serial or any alias. */
                device?: string[];
                /** @description 1 logged in, 0 not. */
                logined?: number;
                /** @description Counts from 1. */
                page?: number;
                /** @description More than 100 is taken as 100. */
                page_size?: number;
                /** @description tiktok, instagram. */
                platform?: string;
                /** @description Words that stand in username, e-mail, phone or tags, or the phone's index; all of them. */
                q?: string;
                /**
                 * @description id, username, email, device, device_index, logined, status, nickname, country, followers, following, hearts,
                 *     videos, friends, synced_at, resting_until, created_at, updated_at; with `-` before it the other way round.
                 *     Newest first where absent.
                 * @example -followers
                 */
                sort?: string;
                /** @description 0 enabled, 1 disabled. */
                status?: number;
                /** @description With this tag, in any case. */
                tag?: string[];
                /** @description Of this username, whatever its case. */
                username?: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The accounts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_AccountList"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_accounts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccountEntry"];
            };
        };
        responses: {
            /** @description The account */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_SavedAccount"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_accounts_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The account's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_AccountItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    delete_accounts_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The account's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What it was */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_DeletedAccount"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    patch_accounts_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The account's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccountEntry"];
            };
        };
        responses: {
            /** @description The account after the change */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_SavedAccount"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_accounts_id_reveal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The account's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The password */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Revealed"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_accounts_id_statistics: {
        parameters: {
            query?: {
                /** @description 1 to 731. */
                days?: number;
            };
            header?: never;
            path: {
                /** @description The account's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its numbers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_StatisticsList"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_accounts_id_totp: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The account's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The code */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Code"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_accounts_batch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccountBatch"];
            };
        };
        responses: {
            /** @description What was done, and to which it was not */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_BatchAnswer"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_accounts_export: {
        parameters: {
            query?: {
                /** @description xlsx, csv or ods. */
                format?: string;
                /** @description en, fr, sv or zh: of the sheet that explains the columns. */
                language?: string;
                /** @description tiktok or instagram; both where it is left out, with the columns platform, packagename and tags beside the 15. */
                platform?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The sheet, as an attachment */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": number[];
                    "text/csv": number[];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_accounts_export: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description May be absent */
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SecretExportWish"];
            };
        };
        responses: {
            /** @description The sheet, as an attachment */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": number[];
                    "text/csv": number[];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_accounts_import: {
        parameters: {
            query?: {
                /** @description Give phones the indexes of the sheet too. */
                adopt_device_index?: boolean;
                /** @description Take a sheet that renames many accounts. */
                allow_rename?: boolean;
                /** @description Of a text file: comma, semicolon or tab; found in the header where it is left out. */
                delimiter?: string;
                /** @description Report and difference alone; nothing is changed. */
                dry_run?: boolean;
                /** @description Of a text file that is not UTF-8, such as windows-1252; never guessed. */
                encoding?: string;
                /**
                 * @description match, or ignore for a sheet from elsewhere and for an empty farm.
                 * @example match
                 */
                ids?: string;
                /**
                 * @description For rows without an id whose username stands with other values: fault, update or skip.
                 * @example fault
                 */
                on_duplicate?: string;
                /**
                 * @description refuse (one faulty cell, and nothing is imported) or skip (the good rows are imported).
                 * @example refuse
                 */
                on_error?: string;
                /** @description tiktok or instagram: of rows that do not say it themselves. Required where the sheet has no column `platform`. */
                platform?: string;
                /** @description false: answer at once with the import's id, and go on. Else a long import does so after two seconds. */
                wait?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The sheet, or multipart with a field `file` */
        requestBody: {
            content: {
                "application/octet-stream": string;
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": number[];
                "multipart/form-data": number[];
                "text/csv": number[];
            };
        };
        responses: {
            /** @description What came of it; or, for a long one, its id and how far it is: ask for it at /accounts/imports/{id} */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Import"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_accounts_imports: {
        parameters: {
            query?: {
                /** @description Dry runs alone, or none of them; both where absent. */
                dry_run?: boolean;
                /** @description Counts from 1. */
                page?: number;
                /** @description More than 100 is taken as 100. */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of imports */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Imports"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_accounts_imports_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The import's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The import with its report */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Import"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_accounts_imports_id_undo: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The import's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The import, with what came of taking it back; or how far that is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Import"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_accounts_tags: {
        parameters: {
            query?: {
                /** @description tiktok, instagram; both where absent. */
                platform?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tags */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_TagList"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_attention: {
        parameters: {
            query?: {
                /** @description Counts from 1. */
                page?: number;
                /** @description More than 100 is taken as 100. */
                page_size?: number;
                /** @description open (what waits) or all. */
                state?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The items */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_AttentionList"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_attention_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The item's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The item */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_AttentionItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_attention_id_abandon: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The item's id */
                id: number;
            };
            cookie?: never;
        };
        /** @description May be absent */
        requestBody?: {
            content: {
                "application/json": components["schemas"]["GivenUp"];
            };
        };
        responses: {
            /** @description The item as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_AttentionItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_attention_id_resolve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The item's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ActSaid"];
            };
        };
        responses: {
            /** @description The item as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_AttentionItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_attention_id_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The item's id */
                id: number;
            };
            cookie?: never;
        };
        /** @description May be absent */
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Remark"];
            };
        };
        responses: {
            /** @description The item as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_AttentionItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_audit: {
        parameters: {
            query?: {
                /** @description Counts from 1. */
                page?: number;
                /** @description More than 100 is taken as 100. */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the record */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_AuditList"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_backups: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schedule */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_BackupsItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_backups: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The backup */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_BackupItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_devices: {
        parameters: {
            query?: {
                /** @description The name of a group. */
                group?: string[];
                /** @description The host's id or name. */
                host?: string[];
                /** @description Counts from 1; without `page` and `page_size` all phones are listed. */
                page?: number;
                /** @description More than 100 is taken as 100. */
                page_size?: number;
                /** @description With accounts of this platform: tiktok, instagram. */
                platform?: string;
                /**
                 * @description online, offline, unauthorized, no_permissions, unplugged.
                 * @example [
                 *       "online"
                 *     ]
                 */
                state?: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The phones */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_DeviceList"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_devices_serial: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its serial or any alias */
                serial: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The phone */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_DeviceItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    patch_devices_serial: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its serial or any alias */
                serial: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DevicePatch"];
            };
        };
        responses: {
            /** @description The phone after the change */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_DeviceItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_devices_serial_foreground: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its serial or any alias */
                serial: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The app in front */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_ForegroundItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_devices_serial_hierarchy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its serial or any alias */
                serial: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The hierarchy; the header X-Drover-Driver says which driver read it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/xml": string;
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_devices_serial_identify: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its serial or any alias */
                serial: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is shown */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Acted"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_devices_serial_input: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its serial or any alias */
                serial: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InputWish"];
            };
        };
        responses: {
            /** @description It was done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Acted"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_devices_serial_inspect: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its serial or any alias */
                serial: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The screen, taken apart */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Inspected"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_devices_serial_prepare: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its serial or any alias */
                serial: string;
            };
            cookie?: never;
        };
        /** @description May be absent */
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PrepareWish"];
            };
        };
        responses: {
            /** @description What was looked at, step by step */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Prepared"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_devices_serial_replace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The serial or any alias of the phone whose place is taken */
                serial: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReplaceWish"];
            };
        };
        responses: {
            /** @description What went to the other phone */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_ReplacedDevice"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_devices_serial_screenshot: {
        parameters: {
            query?: {
                /** @description The longer side in pixels: the picture is scaled down to it and comes as JPEG. */
                max?: number;
            };
            header?: never;
            path: {
                /** @description Its serial or any alias */
                serial: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The picture */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                    "image/png": string;
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_devices_input: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InputManyWish"];
            };
        };
        responses: {
            /** @description What came of it on each phone */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_ActedOnMany"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_devices_install: {
        parameters: {
            query: {
                /** @description Tell the progress as server-sent events (so does `Accept: text/event-stream`). */
                progress?: boolean;
                /** @description Serials or aliases, with commas between or given several times. */
                serials: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The APK */
        requestBody: {
            content: {
                "application/octet-stream": string;
                "application/vnd.android.package-archive": string;
            };
        };
        responses: {
            /** @description The outcome on each phone; or, for those who asked for progress, an event for each step and at last one named `done` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_ActedOnMany"];
                    "text/event-stream": components["schemas"]["Progress"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_devices_live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Goes on as a WebSocket; what is said there as text */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LiveWord"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_events: {
        parameters: {
            query?: {
                /** @description device, host, account, task, attention, import, material, schedule, alert; several with commas between; all where absent. */
                kinds?: string[];
                /** @description Go on after this id, as the header Last-Event-ID does. */
                last_event_id?: string;
            };
            header?: {
                /** @description Go on after this id */
                "Last-Event-ID"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A stream that does not end */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["EventData"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_flows: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The scripts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_FlowList"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    patch_flows_platform_name: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The flow's name */
                name: string;
                /** @description The flow's platform */
                platform: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FlowPatch"];
            };
        };
        responses: {
            /** @description The flow */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_FlowSwitch"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_flows_stats: {
        parameters: {
            query?: {
                /** @description Of the last so many days. */
                days?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The numbers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_FlowStatList"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_groups: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The groups */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_GroupList"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_groups: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupEntry"];
            };
        };
        responses: {
            /** @description The group */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_GroupItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_groups_name: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The group's name */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The group */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_GroupItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    delete_groups_name: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The group's name */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Nothing"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    patch_groups_name: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The group's name */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupPatch"];
            };
        };
        responses: {
            /** @description The group after the change */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_GroupItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_hosts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The hosts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_HostList"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    delete_hosts_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The host's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The host, revoked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_HostItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_hosts_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description May be absent */
        requestBody?: {
            content: {
                "application/json": components["schemas"]["JoinTokenWish"];
            };
        };
        responses: {
            /** @description The token */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_JoinToken"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_keys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The keys, without what they are */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_KeyList"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_keys_rotate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The keys after the change */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_KeyList"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_license_check: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The plan */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_License"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_materials: {
        parameters: {
            query?: {
                /** @description video, image. */
                kind?: string;
                /** @description Counts from 1. */
                page?: number;
                /** @description More than 100 is taken as 100. */
                page_size?: number;
                /** @description true: a task has it now. */
                reserved?: boolean;
                /** @description Words that stand in name, username, caption, tags or hash; all of them. */
                search?: string;
                /**
                 * @description id, name, kind, size, username, sort, used, used_at, created_at, updated_at; with `-` before it the other way
                 *     round. Newest first where absent.
                 * @example sort
                 */
                sort?: string;
                /** @description With this tag, in any case. */
                tags?: string[];
                /** @description true: published already. */
                used?: boolean;
                /** @description Meant for this account, whatever its case. */
                username?: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The materials */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_MaterialList"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_materials: {
        parameters: {
            query?: {
                /** @description Wins over the captions of a task. */
                caption?: string;
                /**
                 * @description What the file is called, where the body is the file itself.
                 * @example morning.mp4
                 */
                name?: string;
                /** @description Lower ones are chosen first. */
                sort?: number;
                /** @description With commas between. */
                tags?: string;
                /** @description The account that alone may publish it. */
                username?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The file, with `name` in the query; or a form with the field `file` and, beside it, tags, caption, username, sort */
        requestBody: {
            content: {
                "application/octet-stream": string;
                "image/jpeg": string;
                "image/png": string;
                "multipart/form-data": number[];
                "video/mp4": string;
            };
        };
        responses: {
            /** @description The material; where the same content was there already, that one */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_SavedMaterial"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_materials_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The material's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The material */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_MaterialItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    delete_materials_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The material's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What it was */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_DeletedMaterial"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    patch_materials_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The material's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MaterialEntry"];
            };
        };
        responses: {
            /** @description The material after the change */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_MaterialItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_materials_id_content: {
        parameters: {
            query?: never;
            header?: {
                /** @description bytes=FROM-TO */
                Range?: string | null;
            };
            path: {
                /** @description The material's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                    "image/png": string;
                    "video/mp4": string;
                };
            };
            /** @description The part that was asked for */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "video/mp4": string;
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_materials_batch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MaterialBatch"];
            };
        };
        responses: {
            /** @description What was done, and to which it was not */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_MaterialBatchAnswer"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_materials_tags: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tags */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_MaterialTags"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_overview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The farm at a glance */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Overview"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_packs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The packs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_PackList"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_packs: {
        parameters: {
            query: {
                /** @description Only look whether it could be taken. */
                dry_run?: boolean;
                /**
                 * @description Why, for those who come after.
                 * @example from the other farm
                 */
                reason: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The zip, with the files in it or in one folder; or `files` as JSON */
        requestBody: {
            content: {
                "application/json": components["schemas"]["PackEntry"];
                "application/octet-stream": string;
                "application/zip": number[];
            };
        };
        responses: {
            /** @description What came of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_PackChange"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_packs_name: {
        parameters: {
            query?: {
                /** @description The number of a kept version; the one in force where it is left out. */
                version?: number;
            };
            header?: never;
            path: {
                /** @description The pack's name */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The pack */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_PackDetails"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    patch_packs_name: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The pack's name */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PackPatch"];
            };
        };
        responses: {
            /** @description What came of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_PackChange"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    put_packs_name_elements_element: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The element's name */
                element: string;
                /** @description The pack's name */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ElementPatch"];
            };
        };
        responses: {
            /** @description What came of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_PackChange"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_packs_name_elements_element_test: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The element's name */
                element: string;
                /** @description The pack's name */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ElementProbe"];
            };
        };
        responses: {
            /** @description Whether it is there */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_ProbeResult"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_packs_name_export: {
        parameters: {
            query?: {
                /** @description The number of a kept version; the one in force where it is left out. */
                version?: number;
            };
            header?: never;
            path: {
                /** @description The pack's name */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The zip, as an attachment */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/zip": number[];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_packs_name_revert: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The pack's name */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PackRevert"];
            };
        };
        responses: {
            /** @description What came of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_PackChange"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_packs_name_versions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The pack's name */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The versions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_PackVersions"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_schedules: {
        parameters: {
            query?: {
                /** @description Enabled ones alone, or disabled ones; all where absent. */
                enabled?: boolean;
                /** @description Counts from 1. */
                page?: number;
                /** @description More than 100 is taken as 100. */
                page_size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schedules */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_ScheduleList"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_schedules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScheduleFields"];
            };
        };
        responses: {
            /** @description The schedule */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_ScheduleItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_schedules_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The schedule's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schedule */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_ScheduleItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    delete_schedules_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The schedule's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Nothing"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    patch_schedules_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The schedule's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScheduleFields"];
            };
        };
        responses: {
            /** @description The schedule after the change */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_ScheduleItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_schedules_id_disable: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The schedule's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is disabled */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_ScheduleItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_schedules_id_enable: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The schedule's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is enabled */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_ScheduleItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_schedules_id_next: {
        parameters: {
            query?: {
                /** @description 1 to 1000. */
                count?: number;
            };
            header?: never;
            path: {
                /** @description The schedule's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The next runs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_NextRuns"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_schedules_id_run: {
        parameters: {
            query?: never;
            header?: {
                /** @description A name for this call, of your choice */
                "Idempotency-Key"?: string | null;
            };
            path: {
                /** @description The schedule's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tasks */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_CreatedTasks"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_schedules_id_runs: {
        parameters: {
            query?: {
                /** @description Counts from 1. */
                page?: number;
                /** @description More than 100 is taken as 100. */
                page_size?: number;
            };
            header?: never;
            path: {
                /** @description The schedule's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its runs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_RunList"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_schedules_next: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScheduleTiming"];
            };
        };
        responses: {
            /** @description The next runs; none where none comes any more */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_NextRuns"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_schedules_preview: {
        parameters: {
            query?: {
                /** @description 1 to 168. */
                hours?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What comes, as things stand now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Preview"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Who, and what they may do */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Who"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Login"];
            };
        };
        responses: {
            /** @description Who has come in */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Who"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    delete_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session is over */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Nothing"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_session_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPassword"];
            };
        };
        responses: {
            /** @description It is changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Nothing"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_settings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All settings */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Settings"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    patch_settings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SettingsChange"];
            };
        };
        responses: {
            /** @description All settings after the change */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_Settings"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_task: {
        parameters: {
            query?: {
                /** @description RFC 3339. */
                created_after?: string;
                /** @description Counts from 1. */
                page?: number;
                /** @description More than 100 is taken as 100. */
                page_size?: number;
                /** @description tiktok, instagram. */
                platform?: string;
                /** @description Created by the schedule of this id. */
                schedule_id?: number;
                /**
                 * @description Of this script.
                 * @example post
                 */
                script_name?: string[];
                /** @description On this phone: its serial or any alias. */
                serial?: string[];
                /**
                 * @description id, created_at, start_time, started_at, finished_at; with `-` before it the other way round. Newest first where
                 *     absent.
                 * @example -started_at
                 */
                sort?: string;
                /** @description ui, api. */
                source?: string;
                /** @description 0 pending, 1 running, 2 completed, 3 failed; the words are understood too. */
                status?: number[];
                /** @description Of this account, whatever its case. */
                username?: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tasks */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_TaskList"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_task: {
        parameters: {
            query?: never;
            header?: {
                /** @description A name for this call, of your choice */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskEntry"];
            };
        };
        responses: {
            /** @description The tasks */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_CreatedTasks"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_task_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The task's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The task */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_TaskDetails"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    delete_task_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The task's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone, or goes as soon as it has stopped */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_DeletedTasks"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_task_id_artifacts_attempt_name: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The attempt's number */
                attempt: number;
                /** @description The task's id */
                id: number;
                /** @description The file's name */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                    "application/xml": string;
                    "image/png": string;
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_task_id_bundle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The task's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The zip, as an attachment */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/zip": number[];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_task_id_log: {
        parameters: {
            query?: {
                /** @description Those that come after the line of this number; from the beginning where absent. */
                after?: number;
                /**
                 * @description Of this attempt: its number or its id; the latest where absent.
                 * @example 1
                 */
                attempt?: string;
            };
            header?: never;
            path: {
                /** @description The task's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description At most 1,000 lines */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_TaskLog"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_task_id_retry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The task's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It waits again */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_RetriedTasks"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_task_id_stop: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The task's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is stopped, or is being stopped */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_StoppedTask"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    delete_task_batch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskIds"];
            };
        };
        responses: {
            /** @description How many were deleted */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_DeletedTasks"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_task_retry_all: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How many wait again */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_RetriedTasks"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_task_stats: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The numbers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_TaskStats"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All tokens */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_TokenList"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenWish"];
            };
        };
        responses: {
            /** @description The token */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_TokenCreated"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    delete_tokens_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The token's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The token, revoked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_TokenItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_users: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All people */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_UserList"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    post_users: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserWish"];
            };
        };
        responses: {
            /** @description The person */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_UserItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    delete_users_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The person's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person, as they were */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_UserItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    patch_users_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The person's id */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserPatch"];
            };
        };
        responses: {
            /** @description The person */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Envelope_UserItem"];
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_docs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_docs_docs_css: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The style */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/css": string;
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_docs_docs_js: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The script */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/javascript": string;
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_livez: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Alive */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Figures */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_openapi_json: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
    get_readyz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ready */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description A refusal */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorEnvelope"];
                };
            };
        };
    };
}
