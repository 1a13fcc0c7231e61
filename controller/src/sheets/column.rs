//! The columns of an accounts sheet, and the names under which people and the incumbent's programs know them.
//! Knows no file format and nothing of what a cell may hold.

use std::fmt;

/// One column of an accounts sheet, in the order in which they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Column {
    Id,
    Email,
    Pwd,
    Username,
    Device,
    DeviceIndex,
    Logined,
    Status,
    Nickname,
    Country,
    Followers,
    Following,
    Hearts,
    Videos,
    Friends,
    Platform,
    PackageName,
    Tags,
}

impl Column {
    pub const COUNT: usize = 18;

    pub const ALL: [Self; Self::COUNT] = [
        Self::Id,
        Self::Email,
        Self::Pwd,
        Self::Username,
        Self::Device,
        Self::DeviceIndex,
        Self::Logined,
        Self::Status,
        Self::Nickname,
        Self::Country,
        Self::Followers,
        Self::Following,
        Self::Hearts,
        Self::Videos,
        Self::Friends,
        Self::Platform,
        Self::PackageName,
        Self::Tags,
    ];

    /// The fifteen that a sheet of one platform has; the last three join where platforms share a sheet.
    pub const OF_ONE_PLATFORM: [Self; 15] = {
        let mut columns = [Self::Id; 15];
        let mut at = 0;
        while at < columns.len() {
            columns[at] = Self::ALL[at];
            at += 1;
        }
        columns
    };

    /// Its place in [`Column::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Its name in header rows and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Email => "email",
            Self::Pwd => "pwd",
            Self::Username => "username",
            Self::Device => "device",
            Self::DeviceIndex => "device_index",
            Self::Logined => "logined",
            Self::Status => "status",
            Self::Nickname => "nickname",
            Self::Country => "country",
            Self::Followers => "followers",
            Self::Following => "following",
            Self::Hearts => "hearts",
            Self::Videos => "videos",
            Self::Friends => "friends",
            Self::Platform => "platform",
            Self::PackageName => "packagename",
            Self::Tags => "tags",
        }
    }

    /// Nothing of such a cell may stand in a report, an error or a log.
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::Pwd)
    }

    /// The column that a header cell names, in any case, with blanks, `_` and `-` taken for nothing.
    pub fn from_header(text: &str) -> Option<Self> {
        let plain = plain(text);
        if plain.is_empty() {
            return None;
        }
        Self::ALL
            .into_iter()
            .find(|column| plain == column.name().replace('_', "") || column.other_names().contains(&&*plain))
    }

    /// Further names, as [`plain`] leaves them: English, French, Swedish, Chinese. Only what cannot be mistaken: the
    /// French `identifiant` and the Chinese `账号` and `编号` mean several things and are not here.
    const fn other_names(self) -> &'static [&'static str] {
        match self {
            Self::Id => &["accountid", "idducompte", "kontoid", "账号id", "账户id"],
            Self::Email => &[
                "mail",
                "emailaddress",
                "adresseemail",
                "adressemail",
                "courriel",
                "adresseélectronique",
                "epost",
                "epostadress",
                "邮箱",
                "电子邮箱",
                "邮箱地址",
                "电子邮件",
                "邮件地址",
            ],
            Self::Pwd => &["password", "motdepasse", "mdp", "lösenord", "密码", "登录密码"],
            Self::Username => &[
                "user",
                "nomd'utilisateur",
                "nomutilisateur",
                "användarnamn",
                "användare",
                "用户名",
                "用户名称",
                "用户",
            ],
            Self::Device => &[
                "deviceserial",
                "serial",
                "phone",
                "appareil",
                "téléphone",
                "numérodesérie",
                "enhet",
                "telefon",
                "serienummer",
                "设备",
                "设备序列号",
                "手机",
            ],
            Self::DeviceIndex => &[
                "deviceno",
                "devicenumber",
                "indexdel'appareil",
                "indexappareil",
                "numérodel'appareil",
                "enhetsindex",
                "enhetsnummer",
                "设备索引",
                "设备编号",
                "设备序号",
                "设备号",
            ],
            Self::Logined => &[
                "loggedin",
                "login",
                "loginstatus",
                "connecté",
                "étatdeconnexion",
                "inloggad",
                "inloggningsstatus",
                "已登录",
                "是否登录",
                "登录状态",
            ],
            Self::Status => &["state", "statut", "état", "tillstånd", "状态", "账号状态"],
            Self::Nickname => &[
                "displayname",
                "surnom",
                "nomaffiché",
                "nomd'affichage",
                "smeknamn",
                "visningsnamn",
                "昵称",
            ],
            Self::Country => &["pays", "land", "国家", "国家/地区", "国家地区"],
            Self::Followers => &["follower", "abonnés", "följare", "粉丝", "粉丝数"],
            Self::Following => &["abonnements", "följer", "关注", "关注数"],
            Self::Hearts => &[
                "likes",
                "j'aime",
                "mentionsj'aime",
                "gillamarkeringar",
                "hjärtan",
                "获赞",
                "获赞数",
                "点赞数",
            ],
            Self::Videos => &["video", "vidéos", "vidéo", "videor", "视频", "视频数", "作品数"],
            Self::Friends => &["amis", "vänner", "好友", "好友数", "朋友"],
            Self::Platform => &["plateforme", "plattform", "平台"],
            Self::PackageName => &[
                "package",
                "apppackage",
                "nomdupaquet",
                "nomdepaquet",
                "paketnamn",
                "包名",
                "应用包名",
            ],
            Self::Tags => &[
                "tag",
                "étiquettes",
                "étiquette",
                "taggar",
                "tagg",
                "etiketter",
                "标签",
            ],
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Lower case, without blanks, underscores, hyphens and marks that nobody sees; one kind of apostrophe.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|letter| {
            !letter.is_whitespace() && !matches!(letter, '_' | '-' | '\u{feff}' | '\u{200b}'..='\u{200f}')
        })
        .map(|letter| {
            if matches!(letter, '\u{2019}' | '\u{2bc}' | '`' | '\u{b4}') {
                '\''
            } else {
                letter
            }
        })
        .flat_map(char::to_lowercase)
        .collect()
}

/// The letters by which spreadsheet programs call the column at this place, counted from 0: A, B, …, Z, AA, ….
pub fn letters(place: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(place) + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_at_their_own_place_and_know_their_own_name() {
        for (place, column) in Column::ALL.into_iter().enumerate() {
            assert_eq!(column.index(), place);
            assert_eq!(Column::from_header(column.name()), Some(column));
            assert_eq!(
                Column::from_header(&format!(" {}\t", column.name().to_uppercase())),
                Some(column)
            );
        }
        assert_eq!(Column::OF_ONE_PLATFORM.last(), Some(&Column::Friends));
    }

    #[test]
    fn no_name_means_two_columns_and_each_is_written_as_it_is_compared() {
        let mut seen = std::collections::BTreeMap::new();
        for column in Column::ALL {
            let own = column.name().replace('_', "");
            for name in column.other_names().iter().copied().chain([&*own]) {
                assert_eq!(seen.insert(name.to_owned(), column), None, "{name} twice");
            }
        }
        for (name, column) in seen {
            assert_eq!(Column::from_header(&name), Some(column), "{name}");
        }
    }

    #[test]
    fn headers_of_four_languages_are_understood() {
        for (header, column) in [
            ("Username", Column::Username),
            ("用户名", Column::Username),
            ("Nom d'utilisateur", Column::Username),
            ("Nom d\u{2019}utilisateur ", Column::Username),
            ("Användarnamn", Column::Username),
            ("ANVÄNDARNAMN", Column::Username),
            ("User name", Column::Username),
            ("Password", Column::Pwd),
            ("Mot de passe", Column::Pwd),
            ("Lösenord", Column::Pwd),
            ("密码", Column::Pwd),
            ("E-mail", Column::Email),
            ("E-post", Column::Email),
            ("Device Index", Column::DeviceIndex),
            ("设备编号", Column::DeviceIndex),
            ("Package Name", Column::PackageName),
            ("\u{feff}id", Column::Id),
        ] {
            assert_eq!(Column::from_header(header), Some(column), "{header}");
        }
        for header in ["", "  ", "identifiant", "账号", "编号", "notes", "pwd2"] {
            assert_eq!(Column::from_header(header), None, "{header}");
        }
    }

    #[test]
    fn places_have_the_letters_of_spreadsheet_programs() {
        let named: Vec<String> = [0, 25, 26, 701, 702, 16_383].map(letters).to_vec();
        assert_eq!(named, ["A", "Z", "AA", "ZZ", "AAA", "XFD"]);
    }
}
