//! The same journeys in French: every word that leads on is there.

use simphone::app::tiktok::short_link;
use simphone::ui::Intent;

use crate::bench::{Bench, PACKAGE};

#[test]
fn one_logs_in_follows_comments_and_publishes_in_french() {
    for (version, way, tab) in [
        ("46.8.2", "Utiliser un téléphone ou un e-mail", "E-mail"),
        (
            "43.1.4",
            "Téléphone / e-mail / nom d’utilisateur",
            "E-mail / Nom d’utilisateur",
        ),
    ] {
        let bench = Bench::fresh(0);
        bench.version(version);
        bench.french();
        bench.open();
        bench.tap("Profil");
        bench.tap("Se connecter");
        bench.tap(way);
        bench.tap(tab);
        bench.tap("E-mail ou nom d’utilisateur");
        bench.type_text("quiet.otter");
        if version == "46.8.2" {
            bench.tap("Continuer");
            bench.type_text("correct horse");
            bench.tap("Continuer");
        } else {
            bench.tap("Mot de passe");
            bench.type_text("correct horse");
            bench.tap("Se connecter");
        }
        bench.wait("the login", || bench.kinds() == ["login"]);

        bench.link("https://www.tiktok.com/@ana.sketches");
        bench.tap("Suivre");
        bench.link(&short_link(bench.post_of("ana.sketches")));
        bench.tap_part("Lire ou ajouter des commentaires. ");
        bench.tap("Ajouter un commentaire...");
        bench.type_text("Très beau !");
        bench.picture(&format!("comment-fr-{version}"));
        assert_eq!(bench.kinds(), ["login", "follow"]);

        let id = bench.file("/sdcard/Movies/clip.mp4", b"clip");
        let intent = Intent {
            action: Some("android.intent.action.SEND".to_owned()),
            mime: Some("video/mp4".to_owned()),
            package: Some(PACKAGE.to_owned()),
            extras: vec![(
                "android.intent.extra.STREAM".to_owned(),
                format!("content://media/external/video/media/{id}"),
            )],
            flags: 0x1000_0001,
            ..Intent::default()
        };
        bench.phone.ui().start(&bench.phone, &intent);
        bench.tap("Suivant");
        bench.picture(&format!("post-fr-{version}"));
        assert!(bench.has("Tout le monde peut voir cette publication") && bench.has("Brouillons"));
        bench.tap("Publier");
        bench.wait("the post", || bench.kinds() == ["login", "follow", "post"]);
    }
}
