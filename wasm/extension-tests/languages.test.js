// The words of fifty languages: a login, a sign-up, a reset and a code are told apart in each, by descriptions alone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { PLAN, chosen, field, form } from "./lib/descriptions.js";

/** Language, then what pages say: user name or e-mail, password, log in, sign up, new password, repeat it, code. */
const LANGUAGES = [
  ["English", "E-mail", "Password", "Log in", "Create account", "New password", "Confirm password", "Verification code"],
  ["German", "Benutzername", "Passwort", "Anmelden", "Registrieren", "Neues Passwort", "Passwort wiederholen", "Bestätigungscode"],
  ["French", "Identifiant", "Mot de passe", "Se connecter", "S’inscrire", "Nouveau mot de passe", "Confirmez le mot de passe", "Code de vérification"],
  ["Spanish", "Correo electrónico", "Contraseña", "Iniciar sesión", "Regístrate", "Nueva contraseña", "Repite la contraseña", "Código de verificación"],
  ["Portuguese", "E-mail", "Senha", "Entrar", "Cadastre-se", "Nova senha", "Confirme a senha", "Código de verificação"],
  ["Italian", "Nome utente", "Password", "Accedi", "Registrati", "Nuova password", "Conferma password", "Codice di verifica"],
  ["Dutch", "Gebruikersnaam", "Wachtwoord", "Inloggen", "Registreren", "Nieuw wachtwoord", "Herhaal wachtwoord", "Verificatiecode"],
  ["Polish", "Nazwa użytkownika", "Hasło", "Zaloguj się", "Zarejestruj się", "Nowe hasło", "Powtórz hasło", "Kod weryfikacyjny"],
  ["Russian", "Логин", "Пароль", "Войти", "Зарегистрироваться", "Новый пароль", "Повторите пароль", "Код подтверждения"],
  ["Ukrainian", "Логін", "Пароль", "Увійти", "Зареєструватися", "Новий пароль", "Повторіть пароль", "Код підтвердження"],
  ["Czech", "Uživatelské jméno", "Heslo", "Přihlásit se", "Zaregistrovat se", "Nové heslo", "Heslo znovu", "Ověřovací kód"],
  ["Slovak", "Používateľské meno", "Heslo", "Prihlásiť sa", "Zaregistrovať sa", "Nové heslo", "Zopakujte heslo", "Overovací kód"],
  ["Slovenian", "Uporabniško ime", "Geslo", "Prijava", "Registracija", "Novo geslo", "Ponovite geslo", "Potrditvena koda"],
  ["Croatian", "Korisničko ime", "Lozinka", "Prijavi se", "Registriraj se", "Nova lozinka", "Ponovi lozinku", "Kod za potvrdu"],
  ["Serbian", "Корисничко име", "Лозинка", "Пријави се", "Региструј се", "Нова лозинка", "Поновите лозинку", "Код за потврду"],
  ["Bulgarian", "Потребителско име", "Парола", "Вход", "Регистрация", "Нова парола", "Повторете паролата", "Код за потвърждение"],
  ["Swedish", "Användarnamn", "Lösenord", "Logga in", "Skapa konto", "Nytt lösenord", "Upprepa lösenord", "Verifieringskod"],
  ["Danish", "Brugernavn", "Adgangskode", "Log ind", "Opret konto", "Ny adgangskode", "Gentag adgangskode", "Bekræftelseskode"],
  ["Norwegian", "Brukernavn", "Passord", "Logg inn", "Registrer deg", "Nytt passord", "Gjenta passord", "Bekreftelseskode"],
  ["Finnish", "Käyttäjätunnus", "Salasana", "Kirjaudu", "Rekisteröidy", "Uusi salasana", "Toista salasana", "Vahvistuskoodi"],
  ["Hungarian", "Felhasználónév", "Jelszó", "Bejelentkezés", "Regisztráció", "Új jelszó", "Jelszó megerősítése", "Ellenőrző kód"],
  ["Romanian", "Utilizator", "Parolă", "Autentificare", "Înregistrare", "Parolă nouă", "Repetă parola", "Cod de verificare"],
  ["Turkish", "Kullanıcı adı", "Şifre", "Giriş yap", "Kayıt ol", "Yeni şifre", "Şifre tekrar", "Doğrulama kodu"],
  ["Greek", "Όνομα χρήστη", "Κωδικός πρόσβασης", "Σύνδεση", "Εγγραφή", "Νέος κωδικός πρόσβασης", "Επιβεβαίωση κωδικού", "Κωδικός επαλήθευσης"],
  ["Lithuanian", "Vartotojo vardas", "Slaptažodis", "Prisijungti", "Registruotis", "Naujas slaptažodis", "Pakartokite slaptažodį", "Patvirtinimo kodas"],
  ["Latvian", "Lietotājvārds", "Parole", "Pieslēgties", "Reģistrēties", "Jauna parole", "Atkārtojiet paroli", "Apstiprinājuma kods"],
  ["Estonian", "Kasutajanimi", "Parool", "Logi sisse", "Registreeru", "Uus parool", "Korda parooli", "Kinnituskood"],
  ["Japanese", "メールアドレス", "パスワード", "ログイン", "新規登録", "新しいパスワード", "パスワード（確認）", "確認コード"],
  ["Chinese", "用户名", "密码", "登录", "注册", "新密码", "确认密码", "验证码"],
  ["Traditional Chinese", "使用者名稱", "密碼", "登入", "註冊", "新密碼", "確認密碼", "驗證碼"],
  ["Korean", "아이디", "비밀번호", "로그인", "회원가입", "새 비밀번호", "비밀번호 확인", "인증번호"],
  ["Vietnamese", "Tên đăng nhập", "Mật khẩu", "Đăng nhập", "Đăng ký", "Mật khẩu mới", "Nhập lại mật khẩu", "Mã xác nhận"],
  ["Indonesian", "Nama pengguna", "Kata sandi", "Masuk", "Daftar", "Kata sandi baru", "Ulangi kata sandi", "Kode verifikasi"],
  ["Malay", "Nama pengguna", "Kata laluan", "Log masuk", "Daftar", "Kata laluan baharu", "Sahkan kata laluan", "Kod pengesahan"],
  ["Thai", "ชื่อผู้ใช้", "รหัสผ่าน", "เข้าสู่ระบบ", "สมัครสมาชิก", "รหัสผ่านใหม่", "ยืนยันรหัสผ่าน", "รหัสยืนยัน"],
  ["Arabic", "اسم المستخدم", "كلمة المرور", "تسجيل الدخول", "إنشاء حساب", "كلمة المرور الجديدة", "تأكيد كلمة المرور", "رمز التحقق"],
  ["Hebrew", "שם משתמש", "סיסמה", "כניסה", "הרשמה", "סיסמה חדשה", "אימות סיסמה", "קוד אימות"],
  ["Persian", "نام کاربری", "رمز عبور", "ورود", "ثبت نام", "رمز عبور جدید", "تکرار رمز عبور", "کد تایید"],
  ["Hindi", "उपयोगकर्ता नाम", "पासवर्ड", "लॉग इन", "रजिस्टर करें", "नया पासवर्ड", "पासवर्ड की पुष्टि करें", "सत्यापन कोड"],
  ["Icelandic", "Notandanafn", "Lykilorð", "Innskrá", "Nýskrá", "Nýtt lykilorð", "Endurtaka lykilorð", "Staðfestingarkóði"],
  ["Georgian", "მომხმარებელი", "პაროლი", "შესვლა", "რეგისტრაცია", "ახალი პაროლი", "გაიმეორეთ პაროლი", "დამადასტურებელი კოდი"],
  ["Armenian", "Օգտանուն", "Գաղտնաբառ", "Մուտք", "Գրանցվել", "Նոր գաղտնաբառ", "Կրկնեք գաղտնաբառը", "Հաստատման կոդ"],
  ["Macedonian", "Корисничко име", "Лозинка", "Најава", "Регистрација", "Нова лозинка", "Повторете ја лозинката", "Код за потврда"],
  ["Albanian", "Përdoruesi", "Fjalëkalimi", "Hyr", "Regjistrohu", "Fjalëkalimi i ri", "Përsërit fjalëkalimin", "Kodi i verifikimit"],
  ["Azerbaijani", "İstifadəçi adı", "Şifrə", "Daxil ol", "Qeydiyyat", "Yeni şifrə", "Şifrəni təkrarla", "Təsdiq kodu"],
  ["Kazakh", "Пайдаланушы аты", "Құпиясөз", "Кіру", "Тіркелу", "Жаңа құпиясөз", "Құпиясөзді қайталаңыз", "Растау коды"],
  ["Bengali", "ব্যবহারকারীর নাম", "পাসওয়ার্ড", "লগ ইন", "নিবন্ধন", "নতুন পাসওয়ার্ড", "পাসওয়ার্ড নিশ্চিত করুন", "যাচাইকরণ কোড"],
  ["Tamil", "பயனர் பெயர்", "கடவுச்சொல்", "உள்நுழை", "பதிவு செய்", "புதிய கடவுச்சொல்", "கடவுச்சொல்லை உறுதிப்படுத்து", "சரிபார்ப்புக் குறியீடு"],
  ["Afrikaans", "Gebruikersnaam", "Wagwoord", "Teken in", "Registreer", "Nuwe wagwoord", "Herhaal wagwoord", "Verifikasiekode"],
  ["Catalan", "Nom d’usuari", "Contrasenya", "Inicia la sessió", "Registra’t", "Contrasenya nova", "Repeteix la contrasenya", "Codi de verificació"],
];

/** Language, then the heading above a form whose button only continues: of a sign-up, and of what is a login as well. */
const HEADINGS = [
  ["English", "Create your account", "Log in or create an account"], ["French", "Créez votre compte", "Connectez-vous ou créez un compte"], ["German", "Erstelle dein Konto", "Anmelden oder ein Konto erstellen"],
  ["Spanish", "Crea una cuenta", "Inicia sesión o crea una cuenta"], ["Portuguese", "Crie a sua conta", "Entre ou crie uma conta"], ["Italian", "Crea il tuo account", "Accedi o crea un account"],
  ["Dutch", "Maak een account", "Log in of maak een account"], ["Polish", "Stwórz konto", "Zaloguj się lub stwórz konto"], ["Russian", "Создайте аккаунт", "Войдите или создайте аккаунт"],
  ["Ukrainian", "Створіть обліковий запис", "Увійдіть або створіть обліковий запис"], ["Bulgarian", "Създайте профил", "Влезте или създайте профил"], ["Croatian", "Izradite račun", "Prijavite se ili izradite račun"],
  ["Slovenian", "Ustvarite račun", "Prijavite se ali ustvarite račun"], ["Swedish", "Bli medlem", "Logga in eller bli medlem"], ["Finnish", "Luo tili", "Kirjaudu tai luo tili"],
  ["Hungarian", "Hozza létre a fiókját", "Jelentkezzen be, vagy hozzon létre fiókot"], ["Romanian", "Creează un cont", "Conectează-te sau creează un cont"], ["Turkish", "Hesap oluştur", "Giriş yapın veya hesap oluşturun"],
  ["Greek", "Δημιουργήστε λογαριασμό", "Συνδεθείτε ή δημιουργήστε λογαριασμό"], ["Lithuanian", "Sukurti paskyrą", "Prisijunkite arba sukurti paskyrą"], ["Latvian", "Izveidot kontu", "Piesledzieties vai izveidojiet kontu"],
  ["Estonian", "Loo konto", "Logi sisse või loo konto"], ["Japanese", "アカウントを作成", "ログインまたはアカウントを作成"], ["Chinese", "创建账户", "登录或创建账户"], ["Korean", "계정 만들기", "로그인 또는 계정 만들기"],
  ["Vietnamese", "Tạo tài khoản", "Đăng nhập hoặc tạo tài khoản"], ["Indonesian", "Buat akun", "Masuk atau buat akun"], ["Malay", "Cipta akaun", "Log masuk atau cipta akaun"], ["Thai", "สร้างบัญชี", "เข้าสู่ระบบหรือสร้างบัญชี"],
  ["Hebrew", "יצירת חשבון", "התחבר או צור חשבון"], ["Hindi", "खाता बनाएं", "लॉग इन करें या खाता बनाएं"],
];

for (const [language, creating, either] of HEADINGS) {
  test(`${language}: “${creating}” is a sign-up, and “${either}” a login, whatever the button says`, () => {
    const purposeOf = (heading) => form([field("email", "E-mail"), field("password", "Password")], { heading, buttons: "→" }).purpose;
    assert.deepEqual([purposeOf(creating), purposeOf(either)], ["signup", "login"]);
  });
}

for (const [language, user, password, login, signup, fresh, again, code] of LANGUAGES) {
  const fields = () => [field("text", user), field("password", password)];

  test(`${language}: a login is one, and its fields are known`, () => {
    const made = form(fields(), { buttons: login });
    assert.deepEqual([made.purpose, ...made.kinds], ["login", "user", "password"]);
    assert.deepEqual(chosen([made]).map(Boolean), [true, true]);
  });

  test(`${language}: a sign-up gets nothing`, () => assert.deepEqual(chosen([form(fields(), { buttons: signup })]), ["new-password", "new-password"]));

  test(`${language}: a new password and its repetition get nothing`, () => {
    const [one, two] = [field("password", fresh), field("password", again)];
    assert.deepEqual([one.kind, two.kind], ["new", "again"]);
    assert.equal(chosen([form([one], { buttons: "OK" })], PLAN)[1], "new-password");
  });

  test(`${language}: a code is one, hidden or not`, () => assert.deepEqual([field("text", code).kind, field("password", code).kind], ["code", "code"]));
}
