//! `app_process`: starts a Java program. The one that the simulator knows is the resident UI server.

use super::{ExitCode, Process};
use crate::phone::files;
use crate::resident;

const RESIDENT: &str = "com.wetest.uia2.Main";
/// What every zip file begins with.
const ZIP: &[u8] = b"PK\x03\x04";

pub(super) async fn run(process: &mut Process) -> ExitCode {
    let args = process.argv.clone();
    let mut words = args
        .iter()
        .skip(1)
        .map(String::as_str)
        .skip_while(|word| word.starts_with('-'))
        .skip(1);
    let Some(class) = words.next().map(str::to_owned) else {
        process
            .eprintln("Usage: app_process [java-options] cmd-dir start-class-name [options]")
            .await;
        return 1;
    };
    let rest: Vec<&str> = words.collect();
    let port = match rest.as_slice() {
        ["-p", port, ..] => port.parse().unwrap_or(9008),
        _ => 9008,
    };
    let jar = process.env.get("CLASSPATH").cloned().unwrap_or_default();
    let path = process
        .phone
        .files
        .host_path(&files::absolute(&process.cwd, &jar));
    let known = class == RESIDENT && std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(ZIP));
    if !known {
        let message = format!(
            "java.lang.ClassNotFoundException: Didn't find class \"{class}\" on path: DexPathList[[zip file \"{jar}\"],nativeLibraryDirectories=[/system/lib64, /system_ext/lib64, /vendor/lib64]]\n\tat dalvik.system.BaseDexClassLoader.findClass(BaseDexClassLoader.java:259)\n\tat java.lang.ClassLoader.loadClass(ClassLoader.java:379)\nAborted "
        );
        process.eprintln(&message).await;
        return 134;
    }
    resident::run(process, port).await
}
