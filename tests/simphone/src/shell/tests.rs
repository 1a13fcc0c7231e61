use proptest::prelude::*;
use tokio::io::AsyncReadExt;

use super::*;
use crate::phone::testing::phone;

/// What a line prints on stdout and stderr, and its exit code.
async fn say(line: &str) -> (String, String, u8) {
    let (_dir, phone) = phone();
    say_on(&phone, line).await
}

async fn say_on(phone: &Arc<Phone>, line: &str) -> (String, String, u8) {
    let (mut out, stdout) = tokio::io::duplex(4096);
    let (mut err, stderr) = tokio::io::duplex(4096);
    let (mut out_text, mut err_text) = (String::new(), String::new());
    let run = run(
        Arc::clone(phone),
        line,
        Box::pin(tokio::io::empty()),
        Box::pin(stdout),
        Box::pin(stderr),
    );
    let (code, _, _) = tokio::join!(
        run,
        out.read_to_string(&mut out_text),
        err.read_to_string(&mut err_text)
    );
    (out_text, err_text, code)
}

async fn says(line: &str, wanted: &str) {
    let (out, err, _) = say(line).await;
    assert_eq!(out, wanted, "{line} said on stderr: {err}");
}

#[tokio::test]
async fn quotes_and_backslashes_keep_what_they_keep_in_a_shell() {
    says("echo a  b", "a b\n").await;
    says("echo 'a  $HOME' \"b  \\$c\" d\\ e", "a  $HOME b  $c d e\n").await;
    says("echo \"it's\" 'a\"b' it\\'s", "it's a\"b it's\n").await;
    says("echo 'it'\\''s'", "it's\n").await;
    says("echo \"\" x ''", " x \n").await;
    says("echo Grüße '你好 👋'", "Grüße 你好 👋\n").await;
    says("printf '%s ' \"a\\b\" 'a\\b' a\\b", "a\\b a\\b ab ").await;
    says("echo a#b # comment", "a#b\n").await;
}

#[tokio::test]
async fn variables_and_their_changes() {
    says("A='x  y'; echo $A \"$A\" ${A}z", "x y x  y x yz\n").await;
    says(
        "echo ${NO:-none} ${NO-a b} ${HOME:+yes} ${#HOME}",
        "none a b yes 1\n",
    )
    .await;
    says(
        "F=/sdcard/a.b.mp4; echo ${F##*/} ${F%.*} ${F#*.} ${F%%.*}",
        "a.b.mp4 /sdcard/a.b b.mp4 /sdcard/a\n",
    )
    .await;
    says("false; echo $?; true; echo $?", "1\n0\n").await;
    says("X=1 env | grep X=; echo [$X]", "X=1\n[]\n").await;
    says("export Y=2; env | grep ^Y=", "Y=2\n").await;
    says("i=3; echo $((i * 2 + 1))", "7\n").await;
    says("sh -c 'echo $0-$1-$2-$#' a b c", "a-b-c-2\n").await;
}

#[tokio::test]
async fn outputs_are_put_in_place() {
    says("echo $(echo a; echo b) \"$(echo c; echo d)\"", "a b c\nd\n").await;
    says("echo `echo \\`echo x\\``", "x\n").await;
    says("x=$(exit 3); echo $?", "3\n").await;
}

#[tokio::test]
async fn commands_are_chained() {
    says("true && echo a || echo b; false && echo c || echo d", "a\nd\n").await;
    says("! true; echo $?", "1\n").await;
    says(
        "(cd /sdcard; pwd); pwd; { cd /data; }; pwd",
        "/sdcard\n/\n/data\n",
    )
    .await;
    says("if [ 1 -lt 2 ]; then echo y; else echo n; fi", "y\n").await;
    says("if false; then echo 1; elif true; then echo 2; fi", "2\n").await;
    says(
        "for x in a 'b c' $(echo d e); do echo \"<$x>\"; done",
        "<a>\n<b c>\n<d>\n<e>\n",
    )
    .await;
    says(
        "i=0; while [ $i -lt 3 ]; do i=$((i+1)); [ $i = 2 ] && continue; echo $i; done",
        "1\n3\n",
    )
    .await;
    says("while true; do echo once; break; done", "once\n").await;
    says(
        "case /a/b.mp4 in *.jpg) echo p;; *.mp4|*.mov) echo v;; *) echo o;; esac",
        "v\n",
    )
    .await;
    says("f() { echo \"f:$1\"; return 4; }; f x; echo $?", "f:x\n4\n").await;
}

#[tokio::test]
async fn exit_codes_are_those_of_the_last_command() {
    assert_eq!(say("exit 7").await.2, 7);
    assert_eq!(say("sh -c 'exit 5'").await.2, 5);
    assert_eq!(say("false").await.2, 1);
    assert_eq!(say("true; (exit 9)").await.2, 9);
    assert_eq!(say("false | true").await.2, 0);
    assert_eq!(say("true | false").await.2, 1);
    assert_eq!(say("").await.2, 0);
}

#[tokio::test]
async fn unknown_programs_are_told_in_the_words_of_the_phone() {
    let (out, err, code) = say("nosuch 1 2").await;
    assert_eq!((out.as_str(), code), ("", 127));
    assert_eq!(err, "/system/bin/sh: nosuch: inaccessible or not found\n");
    let (_, err, code) = say("echo ')'; echo )").await;
    assert_eq!(
        (err.as_str(), code),
        ("/system/bin/sh: syntax error: unexpected ')'\n", 1)
    );
}

#[tokio::test]
async fn redirections_go_to_files_and_to_each_other() {
    let (_dir, phone) = phone();
    let line = "cd /data/local/tmp; echo a > f; echo b >> f; cat < f; nosuch 2> e; cat e | wc -l; \
                nosuch > all 2>&1; wc -l < all; { echo x; echo y; } > g; cat g; echo gone > /dev/null; ls nosuch 2>/dev/null";
    let (out, err, _) = say_on(&phone, line).await;
    assert_eq!(
        out.split_whitespace().collect::<Vec<_>>(),
        ["a", "b", "1", "1", "x", "y"],
        "{err}"
    );
    assert_eq!(err, "");
    let (_, err, code) = say_on(&phone, "echo a > /system/x").await;
    assert_eq!(
        err,
        "/system/bin/sh: can't create /system/x: Read-only file system\n"
    );
    assert_eq!(code, 1);
}

#[tokio::test]
async fn stages_of_a_pipeline_run_side_by_side() {
    // More than any buffer holds, and a producer that would never end by itself.
    says("yes | head -2", "y\ny\n").await;
    says("while true; do echo z; done | head -1", "z\n").await;
    says("echo 'b\na\nb' | sort | uniq -c | wc -l", "2\n").await;
    says("echo a | while read x; do echo [$x]; done", "[a]\n").await;
}

#[tokio::test]
async fn patterns_become_file_names() {
    let (_dir, phone) = phone();
    let line = "cd /sdcard/DCIM; touch a.jpg b.jpg c.mp4; echo *.jpg; echo /sdcard/D*M/?.mp4; echo *.none '*.jpg' \"*\"";
    let (out, ..) = say_on(&phone, line).await;
    assert_eq!(out, "a.jpg b.jpg\n/sdcard/DCIM/c.mp4\n*.none *.jpg *\n");
}

#[tokio::test]
async fn a_script_in_a_file_runs() {
    let (_dir, phone) = phone();
    let line =
        "cd /data/local/tmp; echo 'echo $1; exit 3' > s; sh s hi; echo $?; ./s; chmod 755 s; ./s ho; . ./s";
    let (out, err, code) = say_on(&phone, line).await;
    assert_eq!(out, "hi\n3\nho\n\n");
    assert_eq!(err, "/system/bin/sh: ./s: can't execute: Permission denied\n");
    assert_eq!(code, 3);
}

#[tokio::test]
async fn a_background_command_is_not_waited_for() {
    let (_dir, phone) = phone();
    let said = say_on(&phone, "sleep 100000 > /dev/null 2>&1 & echo now");
    let (out, ..) = tokio::time::timeout(std::time::Duration::from_secs(30), said)
        .await
        .unwrap();
    assert_eq!(out, "now\n");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_line_makes_the_shell_panic(
        parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "echo ", "a", "$x", "${x:-", "}", "$(", ")", "`", "'", "\"", "\\", " | ", "; ", " && ", " > f ", "*",
                "[a", "$((", "1+", "))", "x=", "if true; then ", "; fi", "for i in 1 2; do ", "; done", "$1", "${#x}", "é",
            ]),
            0..12,
        )
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let limit = std::time::Duration::from_secs(30);
            assert!(tokio::time::timeout(limit, say(&parts.concat())).await.is_ok(), "never ends");
        });
    }
}
