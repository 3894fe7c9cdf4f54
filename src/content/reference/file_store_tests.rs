use std::path::PathBuf;

use super::*;

/// A directory of a test, gone with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("file-store-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&path).unwrap();
        Self(fs::canonicalize(path).unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[track_caller]
fn assert_refused(dir: impl AsRef<Path>, kind: StoreErrorKind, what: &str) {
    let error = FileStore::new(&dir).expect_err("to be refused");
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(what), "{error}");
}

#[test]
fn a_file_appears_whole_and_nothing_else_does() {
    let scratch = Scratch::new();
    let store = FileStore::new(scratch.at("a b/content")).unwrap();
    store.put("name.json", b"[1]").unwrap();
    assert_eq!(fs::read(scratch.at("a b/content/name.json")).unwrap(), b"[1]");
    assert_eq!(names(&scratch.at("a b/content")), ["name.json"]);
    assert_eq!(store.uri("name.json"), format!("file://{}/a%20b/content/name.json", scratch.0.display()));
}

#[test]
fn what_is_there_stays_unless_it_was_cut_off() {
    let scratch = Scratch::new();
    let store = FileStore::new(scratch.at("content")).unwrap();
    let file = scratch.at("content/name.json");
    fs::write(&file, "old").unwrap();
    store.put("name.json", b"new").unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"old");
    fs::write(&file, "").unwrap();
    store.put("name.json", b"new").unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"new");
}

#[test]
fn a_name_cannot_leave_the_directory() {
    let scratch = Scratch::new();
    let store = FileStore::new(scratch.at("content")).unwrap();
    for name in ["", ".", "..", "../a", "a/b", "/a", ".hidden", "a\\b", "a\0", &"a".repeat(201)] {
        assert_eq!(store.put(name, b"x").unwrap_err().kind(), StoreErrorKind::Setting, "{name:?}");
    }
    assert_eq!(names(&scratch.0), ["content"]);
    assert_eq!(names(&scratch.at("content")), [""; 0]);
}

#[test]
fn errors_and_debug_show_the_place_and_no_content() {
    let scratch = Scratch::new();
    let store = FileStore::new(scratch.at("content")).unwrap();
    fs::remove_dir(scratch.at("content")).unwrap();
    let error = store.put("name.json", b"canary").unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(!format!("{error} {error:?} {store:?}").contains("canary"));
    assert!(error.to_string().contains("content"), "{error}");
    assert_eq!(error.class(), "store is unavailable (entity not found)");
}

#[test]
fn shared_temporary_directories_are_refused() {
    for dir in ["/tmp", "/var/tmp", "/tmp/", "/tmp/."].map(PathBuf::from).into_iter().chain([std::env::temp_dir()]) {
        if dir.exists() {
            assert_refused(dir, StoreErrorKind::NotPrivate, "shared temporary directory");
        }
    }
}

#[test]
fn what_is_no_directory_is_refused() {
    let scratch = Scratch::new();
    fs::write(scratch.at("file"), "").unwrap();
    assert_refused(scratch.at("file"), StoreErrorKind::NotPrivate, "it is no directory");
    assert_refused("/", StoreErrorKind::NotPrivate, "it has no name");
    assert_refused(scratch.at(".."), StoreErrorKind::NotPrivate, "it has no name");
    assert_refused(scratch.at("file/below"), StoreErrorKind::Unavailable, "cannot make");
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    use super::*;

    fn mode(path: PathBuf) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn set_mode(path: PathBuf, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn directories_and_files_are_for_this_user_alone() {
        let scratch = Scratch::new();
        let store = FileStore::new(scratch.at("a/b")).unwrap();
        store.put("name.json", b"[1]").unwrap();
        assert_eq!(mode(scratch.at("a")), 0o700);
        assert_eq!(mode(scratch.at("a/b")), 0o700);
        assert_eq!(mode(scratch.at("a/b/name.json")), 0o600);
    }

    #[test]
    fn a_directory_that_others_may_write_to_is_refused() {
        let scratch = Scratch::new();
        fs::create_dir(scratch.at("content")).unwrap();
        for bits in [0o770, 0o720, 0o702, 0o777, 0o1777] {
            set_mode(scratch.at("content"), bits);
            assert_refused(scratch.at("content"), StoreErrorKind::NotPrivate, &format!("(mode {bits:04o})"));
        }
        for bits in [0o700, 0o755, 0o2750] {
            set_mode(scratch.at("content"), bits);
            FileStore::new(scratch.at("content")).unwrap();
        }
        assert_eq!(names(&scratch.at("content")), [""; 0]);
    }

    #[test]
    fn a_parent_in_which_anybody_may_rename_is_refused() {
        let scratch = Scratch::new();
        fs::create_dir(scratch.at("open")).unwrap();
        set_mode(scratch.at("open"), 0o777);
        assert_refused(
            scratch.at("open/a/content"),
            StoreErrorKind::NotPrivate,
            "anybody may put another in its place",
        );
        set_mode(scratch.at("open"), 0o1777);
        FileStore::new(scratch.at("open/a/content")).unwrap();
    }

    #[test]
    fn a_symbolic_link_is_refused_at_the_end_and_followed_before_it() {
        let scratch = Scratch::new();
        fs::create_dir(scratch.at("real")).unwrap();
        symlink(scratch.at("real"), scratch.at("link")).unwrap();
        symlink(scratch.at("nowhere"), scratch.at("dangling")).unwrap();
        for name in ["link", "link/", "link/.", "dangling"] {
            assert_refused(scratch.at(name), StoreErrorKind::NotPrivate, "symbolic link");
        }
        let store = FileStore::new(scratch.at("link/content")).unwrap();
        assert!(store.uri("a").ends_with("/real/content/a"), "{}", store.uri("a"));
    }

    /// As root the directory is given away; as anybody else `/usr` is root's.
    #[test]
    fn a_directory_of_another_user_is_refused() {
        let scratch = Scratch::new();
        fs::create_dir(scratch.at("content")).unwrap();
        set_mode(scratch.at("content"), 0o755);
        match chown(scratch.at("content"), Some(12_345), None) {
            Ok(()) => {
                assert_refused(scratch.at("content"), StoreErrorKind::NotPrivate, "it belongs to user 12345");
                assert_eq!(names(&scratch.at("content")), [""; 0]);
            }
            Err(_) => assert_refused("/usr", StoreErrorKind::Unavailable, "cannot write to"),
        }
    }
}
