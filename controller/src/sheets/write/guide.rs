//! What each column means and may hold, in the languages of the people who fill sheets in: the second sheet of a
//! workbook. Says what the import does; has no say in it.

use std::fmt;
use std::str::FromStr;

use crate::sheets::column::Column;

/// Languages of the explanations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    #[default]
    En,
    Fr,
    Sv,
    Zh,
}

impl Language {
    pub const ALL: [Self; 4] = [Self::En, Self::Fr, Self::Sv, Self::Zh];

    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
            Self::Sv => "sv",
            Self::Zh => "zh",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// No language by that tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not known; one of en, fr, sv, zh")]
pub struct UnknownLanguage(String);

impl FromStr for Language {
    type Err = UnknownLanguage;

    /// By the tag; a region behind it (`fr-CA`) does not matter.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let tag = text
            .split(['-', '_'])
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|language| language.tag() == tag)
            .ok_or_else(|| UnknownLanguage(text.to_owned()))
    }
}

/// The words around the table.
pub(super) struct Words {
    pub(super) sheet: &'static str,
    /// Over the columns of the table: column, meaning, values.
    pub(super) head: [&'static str; 3],
}

pub(super) const fn words(language: Language) -> Words {
    match language {
        Language::En => Words {
            sheet: "Columns",
            head: ["Column", "Meaning", "What it may hold"],
        },
        Language::Fr => Words {
            sheet: "Colonnes",
            head: ["Colonne", "Signification", "Contenu possible"],
        },
        Language::Sv => Words {
            sheet: "Kolumner",
            head: ["Kolumn", "Betydelse", "Vad den kan innehålla"],
        },
        Language::Zh => Words {
            sheet: "列说明",
            head: ["列", "含义", "可填内容"],
        },
    }
}

/// Whether a sheet of that name is one of these explanations.
pub(in crate::sheets) fn is_guide(sheet: &str) -> bool {
    Language::ALL
        .into_iter()
        .any(|language| words(language).sheet == sheet)
}

/// Meaning and values of one column.
pub(super) const fn explained(column: Column, language: Language) -> [&'static str; 2] {
    match language {
        Language::En => english(column),
        Language::Fr => french(column),
        Language::Sv => swedish(column),
        Language::Zh => chinese(column),
    }
}

const fn english(column: Column) -> [&'static str; 2] {
    match column {
        Column::Id => [
            "Number of the account in Drover",
            "Leave it as it is to change this account; leave it blank to create one",
        ],
        Column::Email => ["E-mail address of the account", "Text; blank removes it"],
        Column::Pwd => [
            "Password",
            "Text; blank keeps the stored one. Instagram with two-factor login: password:SECRET",
        ],
        Column::Username => [
            "Name of the account on the platform; the only column that must be filled in",
            "Text without blanks; a leading @ is dropped",
        ],
        Column::Device => [
            "Serial of the phone that the account is bound to",
            "Text; blank unbinds it",
        ],
        Column::DeviceIndex => [
            "Number of the phone in the farm; enough to bind an account that has no phone",
            "Whole number from 1",
        ],
        Column::Logined => [
            "Whether the account is logged in on its phone",
            "1 = logged in, 0 = not logged in",
        ],
        Column::Status => ["Whether the account is used", "0 = enabled, 1 = disabled"],
        Column::Nickname => ["Name shown on the profile (TikTok, read from the app)", "Text"],
        Column::Country => ["Country of the account (TikTok, read from the app)", "Text"],
        Column::Followers => [
            "How many follow the account (TikTok, read from the app)",
            "Whole number",
        ],
        Column::Following => [
            "How many the account follows (TikTok, read from the app)",
            "Whole number",
        ],
        Column::Hearts => ["Likes received (TikTok, read from the app)", "Whole number"],
        Column::Videos => ["Videos posted (TikTok, read from the app)", "Whole number"],
        Column::Friends => ["Friends (TikTok, read from the app)", "Whole number"],
        Column::Platform => ["Platform of the account", "tiktok or instagram"],
        Column::PackageName => [
            "Android package of the app, if it is not the usual one",
            "Text; blank means the usual app",
        ],
        Column::Tags => [
            "Tags by which accounts are found and grouped",
            "Texts, separated by commas; blank removes them",
        ],
    }
}

const fn french(column: Column) -> [&'static str; 2] {
    match column {
        Column::Id => [
            "Numéro du compte dans Drover",
            "À laisser tel quel pour modifier ce compte ; laisser vide pour en créer un",
        ],
        Column::Email => ["Adresse e-mail du compte", "Texte ; une cellule vide la supprime"],
        Column::Pwd => [
            "Mot de passe",
            "Texte ; une cellule vide garde celui qui est enregistré. Instagram avec double authentification : motdepasse:SECRET",
        ],
        Column::Username => [
            "Nom du compte sur la plateforme ; seule colonne obligatoire",
            "Texte sans espaces ; un @ au début est retiré",
        ],
        Column::Device => [
            "Numéro de série du téléphone auquel le compte est lié",
            "Texte ; une cellule vide supprime le lien",
        ],
        Column::DeviceIndex => [
            "Numéro du téléphone dans la ferme ; suffit pour lier un compte sans téléphone",
            "Nombre entier à partir de 1",
        ],
        Column::Logined => [
            "Si le compte est connecté sur son téléphone",
            "1 = connecté, 0 = non connecté",
        ],
        Column::Status => ["Si le compte est utilisé", "0 = activé, 1 = désactivé"],
        Column::Nickname => [
            "Nom affiché sur le profil (TikTok, lu dans l'application)",
            "Texte",
        ],
        Column::Country => ["Pays du compte (TikTok, lu dans l'application)", "Texte"],
        Column::Followers => [
            "Nombre d'abonnés (TikTok, lu dans l'application)",
            "Nombre entier",
        ],
        Column::Following => [
            "Nombre d'abonnements (TikTok, lu dans l'application)",
            "Nombre entier",
        ],
        Column::Hearts => ["J'aime reçus (TikTok, lu dans l'application)", "Nombre entier"],
        Column::Videos => ["Vidéos publiées (TikTok, lu dans l'application)", "Nombre entier"],
        Column::Friends => ["Amis (TikTok, lu dans l'application)", "Nombre entier"],
        Column::Platform => ["Plateforme du compte", "tiktok ou instagram"],
        Column::PackageName => [
            "Paquet Android de l'application, si ce n'est pas celui d'usage",
            "Texte ; une cellule vide désigne l'application habituelle",
        ],
        Column::Tags => [
            "Étiquettes pour retrouver et regrouper les comptes",
            "Textes séparés par des virgules ; une cellule vide les supprime",
        ],
    }
}

const fn swedish(column: Column) -> [&'static str; 2] {
    match column {
        Column::Id => [
            "Kontots nummer i Drover",
            "Lämna som det är för att ändra kontot; lämna tomt för att skapa ett nytt",
        ],
        Column::Email => ["Kontots e-postadress", "Text; en tom cell tar bort den"],
        Column::Pwd => [
            "Lösenord",
            "Text; en tom cell behåller det sparade. Instagram med tvåfaktorsinloggning: lösenord:HEMLIGHET",
        ],
        Column::Username => [
            "Kontots namn på plattformen; den enda kolumn som måste fyllas i",
            "Text utan blanksteg; ett inledande @ tas bort",
        ],
        Column::Device => [
            "Serienummer på telefonen som kontot är bundet till",
            "Text; en tom cell löser bindningen",
        ],
        Column::DeviceIndex => [
            "Telefonens nummer i farmen; räcker för att binda ett konto utan telefon",
            "Heltal från 1",
        ],
        Column::Logined => [
            "Om kontot är inloggat på sin telefon",
            "1 = inloggat, 0 = inte inloggat",
        ],
        Column::Status => ["Om kontot används", "0 = aktiverat, 1 = avstängt"],
        Column::Nickname => ["Namnet som visas på profilen (TikTok, läses från appen)", "Text"],
        Column::Country => ["Kontots land (TikTok, läses från appen)", "Text"],
        Column::Followers => ["Antal följare (TikTok, läses från appen)", "Heltal"],
        Column::Following => ["Antal konton som följs (TikTok, läses från appen)", "Heltal"],
        Column::Hearts => ["Mottagna gillamarkeringar (TikTok, läses från appen)", "Heltal"],
        Column::Videos => ["Publicerade videor (TikTok, läses från appen)", "Heltal"],
        Column::Friends => ["Vänner (TikTok, läses från appen)", "Heltal"],
        Column::Platform => ["Kontots plattform", "tiktok eller instagram"],
        Column::PackageName => [
            "Appens Android-paket, om det inte är det vanliga",
            "Text; en tom cell betyder den vanliga appen",
        ],
        Column::Tags => [
            "Taggar för att hitta och gruppera konton",
            "Texter åtskilda av kommatecken; en tom cell tar bort dem",
        ],
    }
}

const fn chinese(column: Column) -> [&'static str; 2] {
    match column {
        Column::Id => ["账号在 Drover 中的编号", "保持不变即修改该账号；留空则新建账号"],
        Column::Email => ["账号的电子邮箱", "文本；留空则清除"],
        Column::Pwd => [
            "密码",
            "文本；留空则保留已存的密码。启用两步验证的 Instagram 账号填写：密码:密钥",
        ],
        Column::Username => [
            "账号在平台上的用户名；唯一必填的列",
            "不含空格的文本；开头的 @ 会被去掉",
        ],
        Column::Device => ["账号所绑定手机的序列号", "文本；留空则解除绑定"],
        Column::DeviceIndex => [
            "手机在农场中的编号；仅填此列即可绑定尚无手机的账号",
            "从 1 开始的整数",
        ],
        Column::Logined => ["账号是否已在其手机上登录", "1 = 已登录，0 = 未登录"],
        Column::Status => ["账号是否启用", "0 = 启用，1 = 停用"],
        Column::Nickname => ["个人主页上显示的昵称（TikTok，从应用读取）", "文本"],
        Column::Country => ["账号所属国家或地区（TikTok，从应用读取）", "文本"],
        Column::Followers => ["粉丝数（TikTok，从应用读取）", "整数"],
        Column::Following => ["关注数（TikTok，从应用读取）", "整数"],
        Column::Hearts => ["获赞数（TikTok，从应用读取）", "整数"],
        Column::Videos => ["已发布的视频数（TikTok，从应用读取）", "整数"],
        Column::Friends => ["好友数（TikTok，从应用读取）", "整数"],
        Column::Platform => ["账号所属平台", "tiktok 或 instagram"],
        Column::PackageName => [
            "应用的 Android 包名（与默认应用不同时填写）",
            "文本；留空表示默认应用",
        ],
        Column::Tags => ["用于查找和分组账号的标签", "文本，以逗号分隔；留空则清除"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_explains_every_column_in_its_own_words() {
        for column in Column::ALL {
            let told = Language::ALL.map(|language| explained(column, language)[0]);
            for (at, text) in told.iter().enumerate() {
                assert!(text.len() > 5, "{column}: {text}");
                assert!(!told[at + 1..].contains(text), "{column}: {text} twice");
            }
        }
        assert!(is_guide("Kolumner") && !is_guide("accounts"));
    }

    #[test]
    fn languages_are_known_with_or_without_a_region() {
        assert_eq!("fr-CA".parse(), Ok(Language::Fr));
        assert_eq!("zh_CN".parse(), Ok(Language::Zh));
        assert_eq!("SV".parse(), Ok(Language::Sv));
        assert!("de".parse::<Language>().is_err());
    }
}
