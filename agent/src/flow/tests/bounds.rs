//! Scripts that run away, and scripts that look for a way out.

use super::*;

const PATIENCE: Duration = Duration::from_secs(30);

fn paper() -> Fake {
    Fake::new(APP).screen("a", &screen(&button("Post")))
}

#[tokio::test]
async fn scripts_that_run_away_end_with_the_line_and_the_reason() {
    for (body, line, said) in [
        ("let x = 0;\nloop { x += 1; }", 3, "runs away"),
        ("let s = \"x\";\nloop { s += s; }", 3, "holds too much"),
        (
            "let a = [];\nloop { a.push(\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"); }",
            3,
            "holds too much",
        ),
        (
            "let m = #{};\nlet i = 0; loop { m[`k${i}`] = [i]; i += 1; }",
            3,
            "runs away",
        ),
        ("let a = [1];\nloop { a = [a, a]; }", 3, "holds too much"),
        ("deep(1);", 5, "deep"),
        ("throw \"own words\";", 2, "own words"),
        ("let x = 1 / 0;", 2, "Division"),
        ("let x = [];\nx[3];", 3, "out of bounds"),
        ("5", 2, "answers a map"),
    ] {
        let functions = "fn deep(x) {\ndeep(x + 1) + 1 }\nfn seen(e) { #{} }";
        let run = Run::with_functions(paper(), body, functions);
        let failure = run.failure().await;
        assert_eq!(failure.kind, FailureKind::Script, "{body}: {failure}");
        assert!(failure.message.contains(said), "{body}: {failure}");
        if body != "5" {
            let place = failure.place.unwrap_or_else(|| panic!("{body} without its line"));
            // Some operations have no place of their own; then it is the function's.
            assert!(
                place.file == "go.rhai" && (place.line == line || place.line == 1),
                "{body}: {place:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_function_that_is_not_there_is_named_with_its_line() {
    // The check before a run finds it where it is written out; a name made up at run time is found when it is called.
    let run = Run::new(paper(), "let f = Fn(\"no_such_thing\");\nf.call(1);");
    let failure = run.failure().await;
    assert_eq!(failure.kind, FailureKind::Script);
    assert!(failure.message.contains("no_such_thing"), "{failure}");
    assert_eq!(failure.place.map(|place| place.line), Some(3));
}

#[tokio::test]
async fn nothing_in_the_language_leads_to_this_host() {
    let engine = shared::pack::script::engine();
    for script in [
        "eval(\"1\")",
        "import \"std::fs\" as fs;",
        "open_file(\"/etc/passwd\")",
        "File::open(\"/etc/passwd\")",
        "read_file(\"/etc/passwd\")",
        "std::process::Command::new(\"sh\")",
        "env(\"HOME\")",
        "TcpStream::connect(\"127.0.0.1:1\")",
        "timestamp()",
    ] {
        assert!(engine.eval::<rhai::Dynamic>(script).is_err(), "{script}");
    }
    let suspicious = [
        "file", "socket", "exec", "system", "env", "import", "load", "http", "spawn",
    ];
    let named: Vec<String> = engine
        .gen_fn_signatures(true)
        .into_iter()
        .filter(|signature| {
            let name = signature.split('(').next().unwrap_or_default().to_lowercase();
            suspicious.iter().any(|word| name.contains(word))
        })
        .collect();
    assert_eq!(named, Vec::<String>::new());
}

#[tokio::test]
async fn every_word_of_the_table_is_there_and_no_other() {
    let run = Run::new(paper(), "#{}");
    let (task, rig) = run.parts();
    let host = Arc::new(
        super::super::prepare(&task, rig, CancellationToken::new())
            .await
            .unwrap(),
    );
    let words: std::collections::BTreeSet<(String, usize)> = shared::pack::words::WORDS
        .iter()
        .map(|word| (word.name.to_owned(), word.takes.len().max(1)))
        .collect();
    let bare: std::collections::BTreeSet<String> = shared::pack::script::engine()
        .gen_fn_signatures(true)
        .into_iter()
        .collect();
    let registered: std::collections::BTreeSet<(String, usize)> = super::super::script::signatures(&host)
        .into_iter()
        .filter(|signature| !bare.contains(signature))
        .filter_map(|signature| {
            let (name, rest) = signature.split_once('(')?;
            let arguments = rest.rsplit_once(')')?.0;
            // A function without arguments is printed with the engine's own one.
            let count = arguments.split(',').count();
            let name = name.trim();
            let inner = name.contains('$') || name == "to_string" || name == "to_debug" || name.contains(' ');
            (!inner).then(|| (name.to_owned(), count))
        })
        .collect();
    let missing: Vec<_> = words.difference(&registered).collect();
    let extra: Vec<_> = registered.difference(&words).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "not registered: {missing:?}; not in the table: {extra:?}"
    );
}

#[tokio::test]
async fn a_stop_ends_a_wait_a_sleep_and_a_busy_loop() {
    for body in [
        r#"wait_for("gone", 400000);"#,
        "sleep(400000);",
        "loop { let x = 1; }",
        "try { sleep(400000); } catch (e) { } loop { }",
    ] {
        let run = Arc::new(Run::new(paper(), &format!("log(\"begun\");\n{body}")));
        let going = Arc::clone(&run);
        let outcome = tokio::spawn(async move { going.go().await });
        // It is in the middle of it once it has said so.
        while run.told.log.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        run.stop.cancel();
        let outcome = tokio::time::timeout(PATIENCE, outcome).await.unwrap();
        let failure = outcome.unwrap().result.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Stopped, "{body}: {failure}");
    }
}

#[tokio::test]
async fn a_flow_that_takes_too_long_is_ended() {
    let mut run = Run::new(paper(), "loop { sleep(10); }");
    run.longest = Duration::from_secs(60);
    let failure = run.failure().await;
    assert_eq!(failure.kind, FailureKind::Timeout);
    assert!(failure.message.contains("longer than 60 s"), "{failure}");
}

#[tokio::test]
async fn wrong_values_are_told_in_words() {
    for (body, said) in [
        ("tap(5);", "an element's name or a node"),
        ("let n = \"nix\"; tap(n);", "there is no element \"nix\""),
        (
            "let s = \"x\"; wait_for(\"post\", s);",
            "here must stand a number",
        ),
        ("swipe(\"up\", #{fromm: 1});", "the option \"fromm\" is not known"),
        ("let k = \"x\"; fail(k, \"y\");", "is no kind of failure"),
        ("choose([]);", "there is nothing to choose"),
        ("let k = \"pass\"; secret(k);", "there is \"password\" only"),
    ] {
        let failure = Run::new(paper(), body).failure().await;
        assert_eq!(failure.kind, FailureKind::Script, "{body}");
        assert!(failure.message.contains(said), "{body}: {failure}");
    }
}
