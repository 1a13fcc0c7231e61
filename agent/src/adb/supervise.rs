//! The adb server itself: joined where one runs already, else started and kept running.
