// Runs in the page, in the extension's own world: the words by which login pages in other languages than English are understood.
//
// Each kind of word is one that fields.js has in English; how they are written is said there.
"use strict";

globalThis.zkvaultLanguages = {
  words: {
    trap: "nicht ausfullen|nichts eintragen|ne pas remplir|ne rien saisir|non compilare|nao preencha|niet invullen|nie wypelniaj|не заполня",
    captcha: [
      "zeichenfolge|zeichen aus|lettres de l|caracteres de|letras d|caratteri d|sicherheitsabfrage|картинк|验证图|图形|画像",
    ],
    code: [
      "tan$|codigo|codice|kod$|kodu$|*kode$|код$|кода$|*einmal|wiederherstellungs|gutschein|postleit|plz$|验证码|驗證碼",
      "校验码|动态码|認証|確認コード|コード|인증|รหัส otp|*kod$|*koodi|*kood$|*koði|koda$|kodas|kods$|cod$|cod de|codi$|kodi$|коды$",
      "ma xac|ma otp|รหัสยืนยัน|קוד|کد|कोड|ओटीपी|কোড|குறியீடு|კოდი|կոդ",
    ],
    oneTime: [
      "*einmalpass|*einmalkenn|mot de passe a usage unique|mot de passe unique|contrasena de un solo uso",
      "clave dinamica|senha descartavel|password monouso|password usa e getta|eenmalig wachtwoord|jednorazow",
      "jednorazov|одноразов|tek kullanimlik|engangspass|engangsadgang|engangskod|engangslosen|kertakaytto|动态密码|一次性",
      "ワンタイム|일회용|κωδικος επαληθευσης|κωδικος μιας|رمز التحقق|رمز تایید|كود",
    ],
    userCode: [
      "code client|code utilisateur|codice utente|codice cliente|codice fiscale|codigo de usuario|codigo usuario|codigo de cliente",
      "kod uzytkownika",
    ],
    foreign: [
      "wlan|*passwortgeschutzt|*kennwortgeschutzt|mit einem passwort geschutzt|protege par|protegid|protetto da",
    ],
    elsewhere: "raumpasswort|zertifikat|archiv|transaktions|zahlungs|de retiro|支付|交易|取款|资金",
    identity: "sozialversicherung|steuernummer|steuer id|ausweis|securite sociale|seguridad social|身份证|주민등록",
    answer: [
      "pregunta|pergunta|domanda|vraag|pytanie|frage|вопрос|soru$|otazk|kysymy|sporgsmal|sporsmal|fraga|问题|質問|질문",
      "sicherheitsfrage|geheimfrage|antwort|respuesta|reponse|risposta|resposta|antwoord|odpowied|ответ|секретн|密保",
      "答案|秘密の|답변",
    ],
    card: "*prufziffer|*prufnummer|*kartenpruf|cryptogramme|kreditkart|kartennummer|tarjeta|carte b|carta di|cartao|kaart|karta|карт|卡号|カード|카드|gultig",
    news: [
      "abonn|boletin|suscri|iscriviti alla|nieuwsbrief|inscrivez vous a la|рассыл|подпис|订阅|訂閱|メルマガ|구독|nyhetsbrev",
      "uutiskirj",
    ],
    search: [
      "suche|such$|buscar|busca|busqueda|recherche|zoek|cerca$|ricerca|szukaj|wyszuk|поиск|найти|пошук|搜索|搜尋|検索|검색",
      "hledat|sok$|ara$",
    ],
    personal: [
      "vorname|nachname|prenom|nom$|nombre$|apellido|nome$|sobrenome|cognome|voornaam|achternaam|imie|nazwisko|фамил",
      "имя$|姓名|お名前|氏名|이름|ad soyad|strasse|ort$|ville|ciudad|citta|cidade|land$|pays|pais|geburt|naissance|nacimiento",
    ],
    phone: "handy|telefon|movil|celular|gsm|телефон|手机|携帯|휴대",
    tenant: "firma|mandant|empresa|societe|entreprise|azienda|bedrijf|компан|公司|企业|会社|회사",
    user: [
      "benutzer|nutzer|anmeldename|anmeldung|kunden|kennung|zugangsnummer|zugangskennung|teilnehmer|vertragsnummer",
      "konto|legitimation|utilisateur|identifiant|courriel|adresse mail|compte|pseudo|numero client|usuari|correo",
      "cuenta|identificacion|dni$|nif$|rut$|rfc$|utilizador|conta$|cpf|cnpj|matricula|utente|codice fiscale|indirizzo mail",
      "gebruiker|inlog|klantnummer|uzytkownik|użytkownik|identyfikator|adres mail|kullanici|kullanıcı|eposta",
      "e posta|пользовател|логин|почт|учетн|имя пользов|користувач|логін|пошт|uzivatel|prihlasovac|felhasznal",
      "utilizator|brukernavn|bruger|anvandar|kayttaja|tunnus|用户|用戶|帐号|账号|账户|帳號|賬號|邮箱|郵箱|電子郵件|会员|ユーザ|メール|アカウント|ログイン",
      "会員|아이디|사용자|이메일|계정|المستخدم|البريد|משתמש|ผู้ใช้|อีเมล|ten dang nhap|tên đăng nhập|tai khoan|nama pengguna",
      "pengguna|χρηστη|korisnic|korisnik|корисн|kasutaja|vartotoj|lietotaj|uporabnis|потребител|उपयोगकर्ता|کاربری",
      "pouzivatel|使用者|notand|მომხმარებ|օգտան|perdorues|istifadəçi|пайдаланушы|ব্যবহারকারী|பயனர்",
    ],
    mail: [
      "courriel|adresse mail|correo|indirizzo mail|adres mail|eposta|e posta|почт|пошт|邮箱|郵箱|電子郵件|メール|이메일|البريد|อีเมล|ईमेल|ელფოსტა",
    ],
    password: [
      "*passwort|*kennwort|mot de passe|*motdepasse|mdp|contrasena|clave|senha|palavra passe|*wachtwoord|parola",
      "parool|haslo|hasło|losenord|passord|adgangskode|kodeord|salasana|heslo|jelszo|sifre|пароль|пароля|密码|密碼|口令",
      "パスワード|비밀번호|암호|كلمة|סיסמ|รหัสผ่าน|mat khau|sandi|kata sandi|contrasenya|κωδικ|lozink|лозинк|slaptazod|parole$",
      "geslo|kata laluan|wagwoord|पासवर्ड|رمز|lykilor|პაროლ|գաղտնաբառ|fjalekalim|sifrə|құпиясөз|құпия сөз",
      "পাসওয়ার্ড|கடவுச்சொல்",
    ],
    pin: "geheimzahl",
    new: [
      "neu|wahle|wahlen|festlegen|vergeben|nouveau|choisi|creer|definir|nuev|elige|elija|crea|nova|novo|escolha",
      "crie|criar|nuov|scegli|nieuw|kies|nowe|nowy|utworz|нов|придума|создай|yeni|nytt|nya|valj|velg|uusi|nove|新|设置",
      "设定|設定|새|baru|ny$|nyt$|nye$|uj$|noua$|nou$|νεος|νεο$|νεα|nauj|jaun|uus$|uue$|mat khau moi|baharu|ใหม่|جديد",
      "الجديد|جدید|חדש|नया|नई|ახალი|նոր|i ri$|жаңа|নতুন|புதிய|nuwe",
    ],
    again: [
      "*wiederhol|*bestatig|erneut|nochmal|repet|ripeti|conferma|repita|herhaal|bevestig|powtorz|potwierdz|повтор",
      "подтверд|potvrd|zopakuj|znovu|tekrar|gjenta|gentag|upprepa|bekrafta|toista|确认|確認|再次|重复|もう一度|확인|재입력|nhap lai",
      "xac nhan|ulangi|repit|ponov|понов|megerosit|ismet|επιβεβαιω|επαναλ|pakartok|patvirtinkite|atkarto|korda$",
      "sahkan|ยืนยัน|تأكيد|تاكيد|اعادة|אימות|שוב|تکرار|पुष्टि|दोबारा|endurtak|გაიმეორ|կրկն|perserit|təkrar|қайтала",
      "নিশ্চিত|உறுதி",
    ],
    old: [
      "aktuell|bisherig|altes|alte$|jetzig|actuel|ancien|actual|antigu|anterior|atual|antiga|attuale|vecchi|huidig",
      "oud$|oude|obecn|aktualn|stare|stary|stavajici|soucasn|текущ|стар|действующ|mevcut|eski|nuvarande|navaerende",
      "nykyinen|vanha|当前|目前|旧|原密|現在|舊|현재|기존",
    ],
    login: [
      "συνδεση|prijav|logi sisse|inicia la sessio|लॉग इन|prisijung|pieslegties|ورود|anmelden|anmeldung|einloggen",
      "connexion|connecter|connectez|identifier|identifiez|iniciar|inicia$|inicia sesion|acceder|acceso|ingresar|ingresa|entrar|entre$",
      "acessar|acesse|accedi|accesso|inloggen|zaloguj|logowanie|войти|вход|увійти|giris|oturum|logga in|logg inn",
      "log ind|kirjaudu|prihlas|bejelent|autentifica|entsperren|登录|登錄|登入|ログイン|サインイン|로그인|dang nhap|đăng nhập|masuk",
      "تسجيل الدخول|כניסה|เข้าสู่ระบบ|пријав|најав|innskra|შესვლ|մուտք|hyr$|hyrje|daxil ol|кіру|লগ ইন|உள்நுழை",
      "teken in|meld aan|войди|увійд|влез|συνδεθ|conecteaz|conectat|התחבר|היכנס|jelentkezz|piesledz|prisijunk",
    ],
    signup: [
      "konto erstellen|neu hier|anlegen|inscri|creer|ouvrir un compte|crear|cadastr|criar|abrir conta|iscri",
      "aanmaken|zarejestr|rejestr|utworz|zaloz|załoz|регистр|создать|kaydol|uye ol|kayit|εγγραφ|skapa|opret|opprett",
      "rekister|vytvor|zalozit|注册|註冊|新規|会員登録|회원가입|가입|dang ky|đang ky|daftar|إنشاء|הרשמה|สมัคร|зарегистр|зареєстр",
      "реєстр|regisztr|kayıt|ثبت نام|عضویت|रजिस्टर|पंजीकर|साइन अप|nyskra|რეგისტრ|գրանց|regjistr|qeydiyyat|тіркел",
      "নিবন্ধন|பதிவு|konto eroffnen|creez|crea un account|crea account|crea il tuo|crea tu|crea una cuenta",
      "crea un compte|cree su|cree una|crie sua|crie a sua|crie uma|maak een|stworz|создай|hozza letre|hozz letre|hozzon letre",
      "account maken|word lid|bli medlem|luo tili|luo tunnus|luo uusi|letrehoz|creeaza|hesap olustur|hesap ac",
      "δημιουργ|створ|създай|създаване|izradi|napravi racun|stvori racun|kreiraj|otvori racun|ustvari|loo konto|loo kasutaja",
      "izveidot|sukurti|tao tai khoan|buat akun|membuat akun|cipta akaun|יצירת חשבון|צור חשבון|פתיחת חשבון|สร้างบัญชี|ลงทะเบียน",
      "创建|建立帳號|アカウントを作成|アカウント作成|계정 만들|계정 생성|खाता बना|अकाउंट बना",
    ],
    change: [
      "andern|zurucksetz|vergessen|neues passwort|oublie|reinitial|modifier|changer|restablec|olvid|recuper|cambi",
      "redefin|esquec|alterar|reimpost|dimentic|modific|vergeten|wijzig|opnieuw instellen|zresetuj|zmien|zmiana",
      "zapomni|восстан|сброс|забыл|измен|смен|sifirla|sıfırla|unuttu|degistir|aterstall|glemt|glomt|tilbakestill",
      "unohdit|vaihda|obnov|zmenit|重置|找回|忘记|忘記|修改|变更|忘れ|リセット|再設定|変更|재설정|변경|찾기",
    ],
    step: [
      "weiter|suivant|continuer|siguiente|continuar|seguinte|avancar|avanti|continua|prosegui|volgende|doorgaan",
      "verder|dalej|kontynuuj|далее|продолж|devam|ileri|fortsatt|fortsett|neste|naeste|jatka|dalsi|pokracovat|下一步",
      "下一页|继续|次へ|続|다음|계속|tiep",
    ],
    danger: [
      "losch|entfernen|supprim|effacer|eliminar|borrar|excluir|apagar|elimina|cancella|verwijder|usun|skasuj|удал|видал",
      "radera|ta bort|slett|slet$|poista|smaza|odstran|torles|sterge|sil$|silme|διαγραφ|删除|刪除|削除|삭제|xoa|hapus|حذف|מחק|ลบ",
    ],
    terms: [
      "agb|nutzungsbedingungen|datenschutz|j accepte|condition|acepto|terminos|aceito|termos|accetto|termini|akkoord",
      "voorwaarden|akceptuj|regulamin|соглас|услов|同意|동의",
    ],
  },
  patterns: {
    trap: [
      "(leer|frei) lassen", "laisse[rz] (ce champ )?vide", "(deja|deje|dejar) (este campo )?(vacio|en blanco)", "lascia(re)? (questo campo )?vuoto",
      "(deixe|deixar) (este campo )?(vazio|em branco)", "(laat dit veld leeg|leeg laten)", "(zostaw|pozostaw) (to pole )?puste", "оставьте (это )?(поле )?пустым",
    ].map((said) => `${said}(?= \\.|$)`),
    new: ["(mindestens|minst|au moins|al menos|minimo|almeno|minstens|co najmniej|не менее|至少) \\d"],
    rules: ["(mindestens|minst|au moins|al menos|minimo|almeno|minstens|pelo menos|co najmniej|не менее|至少) \\d", "passwortstarke|文字以上|자 이상"],
    makes: ["neues (passwort|kennwort)", "(passwort|kennwort) (festlegen|wahlen|vergeben)", "nouveau mot de passe", "nueva contrasena", "nova senha", "nuova password"],
    signup: [
      "(benutzer|nutzer|konto) (hinzufug|anleg)", "erstellen? (sie )?(ein|ihr|dein|euer) (\\p{L}+ )?konto",
      "(ajouter|anadir|agregar|adicionar|aggiungi) (un |una |um )?(utilisateur|usuario|utente|compte|cuenta|conta)",
    ],
  },
};
