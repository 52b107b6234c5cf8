//! What people choose most.
//!
//! Small on purpose: this is in the module that browsers fetch. Lists of millions of leaked passwords are for
//! services that check them; here words and habits are recognised instead.

/// Neighbours on keyboards.
pub(super) const KEYBOARD_ROWS: [&str; 6] = [
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "azertyuiop",
    "1234567890",
];

/// By the first letter of a pair, the letters that often follow it in words, as bits from `a`: the 220 commonest of the 676
/// pairs in the EFF's large wordlist. Nine in ten pairs of that list are among them, and three in ten pairs of random letters.
pub(super) const COMMON_BIGRAMS: [u32; 26] = [
    0x13e_bd6e, 0x12_4913, 0x1a_4d91, 0x12_4911, 0xee_b87d, 0x1a_4931, 0x12_49d1, 0x10_4111, 0x22e_f87f, 0, 0x110,
    0x118_4919, 0x10_d113, 0x11c_6d5d, 0x7e_fd4f, 0x1a_c991, 0x10_0000, 0x11e_715d, 0x1c_dd95, 0x11a_4995, 0xe_b91f,
    0x4111, 0x4111, 0, 0, 0x10,
];

/// The commonest passwords and the words they are made of, and the names of this program and its services.
pub(super) const COMMON_WORDS: &str = "\
zkv zkvault logmeonce loome \
password passwort passphrase passwd admin administrator root user guest test testing login welcome hello letmein \
changeme change default secret master access system server qwerty azerty iloveyou loveyou love lovely sunshine princess \
monkey dragon football baseball basketball soccer hockey shadow superman batman spiderman trustno pokemon starwars \
michael jennifer jordan thomas robert daniel charlie george andrew joshua matthew anthony william jessica ashley amanda \
nicole hannah samantha maggie ginger buster pepper cookie summer winter spring autumn monday friday sunday january \
february march april june july august september october november december computer internet google facebook microsoft \
windows apple iphone samsung android freedom whatever killer hunter ranger harley mustang corvette mercedes ferrari \
porsche yankees cowboys arsenal liverpool chelsea barcelona matrix phoenix diamond silver golden orange purple yellow \
flower butterfly chocolate cheese banana coffee tigger tiger jaguar panther eagle falcon angel heaven jesus blessed \
family mother father daddy mommy baby sexy pussy fuck fuckyou asshole bitch thunder lightning nothing something forever \
world peanut snoopy scooter pumpkin qazwsx qweasdzxc abcdef foobar company office";
