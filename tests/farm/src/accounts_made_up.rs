//! Accounts that nobody has, as many as a measurement needs: the same number always gives the same account.

use controller::sheets::OutCell;

/// One account; its cells in the order of a sheet of one platform.
#[derive(Debug)]
pub struct Account {
    email: String,
    password: String,
    username: String,
    device: String,
    nickname: String,
    numbers: [i64; 9],
}

const COUNTRIES: [&str; 6] = ["SE", "FR", "US", "DE", "JP", "BR"];

impl Account {
    pub fn of(number: u32) -> Self {
        let mixed = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let part = |shift: u32, most: u64| ((mixed >> shift) % most) as i64;
        Self {
            email: format!("user{number}@mail{}.example", number % 50),
            password: format!("Pw!{mixed:016x}"),
            username: format!("user_{number:06}.{:x}", mixed % 4096),
            device: format!("R58N{:08X}", number / 5),
            nickname: format!("Élodie {} 😀", number % 1000),
            numbers: [
                i64::from(number) + 1,
                i64::from(number / 5) + 1,
                i64::from(number % 2),
                i64::from(number.is_multiple_of(20)),
                part(3, 1_000_000),
                part(11, 5_000),
                part(17, 10_000_000),
                part(23, 900),
                part(31, 800),
            ],
        }
    }

    /// id, email, pwd, username, device, device_index, logined, status, nickname, country, and five counts.
    pub fn cells(&self) -> [OutCell<'_>; 15] {
        let text = OutCell::Text;
        let [
            id,
            index,
            logined,
            status,
            followers,
            following,
            hearts,
            videos,
            friends,
        ] = self.numbers;
        let whole = OutCell::Whole;
        [
            whole(id),
            text(&self.email),
            text(&self.password),
            text(&self.username),
            text(&self.device),
            whole(index),
            whole(logined),
            whole(status),
            text(&self.nickname),
            text(COUNTRIES[id.unsigned_abs() as usize % COUNTRIES.len()]),
            whole(followers),
            whole(following),
            whole(hearts),
            whole(videos),
            whole(friends),
        ]
    }
}
