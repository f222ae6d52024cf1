package auth

import (
	"fmt"
	"html"
	"strings"
	"time"

	"pazpaz/internal/mail"
	"pazpaz/internal/model"
	"pazpaz/internal/store"
)

// noticeLife is how long a notice about an account is worth sending.
const noticeLife = 24 * time.Hour

// notify puts a notice to a person into the queue of the transaction.
func (s *Service) notify(tx *store.IdentityTx, u model.User, m mail.Message) error {
	return s.send(tx, u, m, noticeLife)
}

// notice writes a mail of some lines, in both forms. The lines are ours; what
// a browser says of itself is escaped.
func notice(locale, subject string, lines ...string) mail.Message {
	dir, hello := "ltr", "Hello,"
	if locale == "he" {
		dir, hello = "rtl", "שלום,"
	}
	text := hello + "\n\n" + strings.Join(lines, "\n\n") + "\n"
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html><html dir="%s"><body style="font:16px/1.5 sans-serif;color:#16211f"><p>%s</p>`, dir, hello)
	for _, line := range lines {
		fmt.Fprintf(&b, `<p>%s</p>`, html.EscapeString(line))
	}
	b.WriteString(`</body></html>`)
	return mail.Message{Subject: subject, Text: text, HTML: b.String(), Lang: locale}
}

// newDeviceMail tells of a sign-in; when is written as the person reads it.
func newDeviceMail(locale, userAgent, when string) mail.Message {
	browser, system := DeviceWords(userAgent)
	on := strings.Join(strings.Fields(browser+" "+system), ", ")
	if locale == "he" {
		if on == "" {
			on = "לא ידוע"
		}
		return notice(locale, "כניסה ל-PazPaz ממכשיר חדש",
			"בוצעה כניסה לחשבון שלך ממכשיר שלא נכנסת ממנו בעבר.", "מכשיר: "+on, "זמן: "+when,
			"אם זו לא הייתה כניסה שלך, יש להיכנס ל-PazPaz, לסיים את כל שאר הכניסות בהגדרות, ולהגדיר אימות דו-שלבי.")
	}
	if on == "" {
		on = "not known"
	}
	return notice(locale, "New device signed in to PazPaz",
		"Somebody signed in to your account on a device on which you had not signed in before.", "Device: "+on, "Time: "+when,
		"If this was not you, sign in to PazPaz, end all other sessions in the settings, and set up a second factor.")
}

// factorMail tells of a change of the second factors.
func factorMail(locale string, act model.Action) mail.Message {
	if locale == "he" {
		what := map[model.Action]string{
			model.FactorAdd: "נוסף לחשבון שלך אמצעי אימות.", model.FactorRemove: "הוסר מהחשבון שלך אמצעי אימות.",
			model.RecoveryRenew: "הופקו קודי שחזור חדשים לחשבון שלך. הקודים הקודמים אינם תקפים עוד.",
		}[act]
		return notice(locale, "שינוי באימות שלך ב-PazPaz", what,
			"אם לא ביצעת את השינוי, יש להיכנס מיד ל-PazPaz ולבדוק את הגדרות האבטחה, או לפנות למי שמנהל את המערכת.")
	}
	what := map[model.Action]string{
		model.FactorAdd: "A second factor was added to your account.", model.FactorRemove: "A second factor was removed from your account.",
		model.RecoveryRenew: "New recovery codes were made for your account. The earlier ones count no longer.",
	}[act]
	return notice(locale, "Your PazPaz sign-in has changed", what,
		"If this was not you, sign in to PazPaz at once and look at the security settings, or turn to whoever runs the server.")
}

func recoveryUsedMail(locale string, left int) mail.Message {
	if locale == "he" {
		return notice(locale, "נעשה שימוש בקוד שחזור של PazPaz", "נעשה שימוש בקוד שחזור של החשבון שלך.",
			fmt.Sprintf("קודים שנותרו: %d", left), "אם זה לא היית את או אתה, יש להיכנס מיד ל-PazPaz ולבדוק את הגדרות האבטחה.")
	}
	return notice(locale, "A PazPaz recovery code was used", "A recovery code of your account was used.",
		fmt.Sprintf("Codes left: %d", left), "If this was not you, sign in to PazPaz at once and look at the security settings.")
}

func stepUpMail(locale, code string) mail.Message {
	spaced := "    " + code[:4] + " " + code[4:]
	if locale == "he" {
		return notice(locale, "קוד האישור שלך ב-PazPaz", "כדי לאשר את הפעולה, יש להקליד את הקוד הזה:", spaced,
			"הקוד תקף ל-10 דקות ולשימוש אחד. אם לא ביקשת אותו, אין למסור אותו לאיש.")
	}
	return notice(locale, "Your PazPaz confirmation code", "To confirm that it is you, type this code:", spaced,
		"The code is good for 10 minutes and for one use. If you did not ask for it, give it to nobody.")
}
