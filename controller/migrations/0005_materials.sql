-- The material library: what stands of each content; the contents themselves lie under the data folder, named by `hash`.

-- `tags` is what people read; `material_tags` is what filters and choices use. `search_text` is name, username, caption
-- and tags, folded. `sort` comes first where it is set. `used_by` is the task that published it, `reserved_by` the one
-- that may: no other task is given it. `missing` says that its content was not there when the controller looked.
CREATE TABLE materials (
    id BIGINT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    size BIGINT NOT NULL,
    username TEXT,
    username_folded TEXT,
    caption TEXT,
    tags TEXT NOT NULL,
    sort BIGINT,
    used BIGINT NOT NULL,
    used_at BIGINT,
    used_by BIGINT,
    reserved_by BIGINT,
    missing BIGINT NOT NULL,
    search_text TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX materials_by_choice ON materials (kind, used, reserved_by, sort, id);
CREATE INDEX materials_by_task ON materials (reserved_by);
CREATE INDEX materials_by_username ON materials (username_folded, id);

CREATE TABLE material_tags (
    material_id BIGINT NOT NULL REFERENCES materials (id),
    folded TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (material_id, folded)
);
CREATE INDEX material_tags_by_name ON material_tags (folded, material_id);
