package auth

import (
	"fmt"
	"html"

	"pazpaz/internal/mail"
	"pazpaz/internal/model"
)

// roleWords are the roles as mails say them.
var roleWords = map[string]map[model.Role]string{
	"en": {model.Owner: "owner", model.Practitioner: "practitioner", model.Assistant: "assistant"},
	"he": {model.Owner: "בעלים", model.Practitioner: "מטפל/ת", model.Assistant: "מזכירות"},
}

// maxShown bounds how much of a practice's name a mail repeats.
const maxShown = 80

// invitationMail asks somebody to join a practice. The practice's name stands
// in the text alone: subjects are read on locked screens.
func invitationMail(locale string, practice model.Text, role model.Role, url string) mail.Message {
	name := shown(practice)
	if locale == "he" {
		return linkMail(locale, "rtl", "הוזמנת ל-PazPaz", "שלום,",
			fmt.Sprintf("הוזמנת להצטרף אל „%s” ב-PazPaz. התפקיד: %s.", name, roleWords["he"][role]), url, "לצפייה בהזמנה",
			"הקישור תקף ל-7 ימים ולשימוש אחד. אם לא ציפית להזמנה, אפשר להתעלם מהודעה זו.")
	}
	return linkMail("en", "ltr", "You are invited to PazPaz", "Hello,",
		fmt.Sprintf("You are invited to join “%s” on PazPaz as %s.", name, roleWords["en"][role]), url, "See the invitation",
		"The link is good for 7 days and for one use. If you did not expect it, you can ignore this mail.")
}

// shown cuts a name to what a mail repeats of it.
func shown(name model.Text) string {
	runes := []rune(string(name))
	if len(runes) > maxShown {
		return string(runes[:maxShown]) + "…"
	}
	return string(runes)
}

// linkMail writes a mail around one link, in both forms. All texts are escaped.
func linkMail(locale, dir, subject, greeting, text, url, button, life string) mail.Message {
	const page = `<!doctype html><html dir="%s"><body style="font:16px/1.5 sans-serif;color:#16211f">` +
		`<p>%s</p><p>%s</p><p><a href="%s" style="display:inline-block;padding:10px 18px;border-radius:8px;` +
		`background:#0f766e;color:#ffffff;text-decoration:none">%s</a></p><p style="color:#52605d">%s</p></body></html>`
	body := fmt.Sprintf(page, dir, greeting, html.EscapeString(text), html.EscapeString(url), button, life)
	plain := fmt.Sprintf("%s\n\n%s\n\n%s\n\n%s\n", greeting, text, url, life)
	return mail.Message{Subject: subject, Text: plain, HTML: body, Lang: locale}
}

// memberMail tells a member what happened to the membership. It names no
// practice.
func memberMail(locale, what string, role model.Role) mail.Message {
	if locale == "he" {
		text := map[string]string{
			"role":         "התפקיד שלך במרפאה שונה. התפקיד החדש: " + roleWords["he"][role] + ". יש להיכנס מחדש.",
			"deactivated":  "הגישה שלך למרפאה ב-PazPaz הופסקה.",
			"reactivated":  "הגישה שלך למרפאה ב-PazPaz חודשה. אפשר להיכנס שוב.",
			"factor_reset": "מי שמנהל את השרת הסיר את אמצעי האימות הנוספים מהחשבון שלך. בכניסה הבאה מומלץ להגדיר אימות חדש.",
		}[what]
		return notice(locale, "הגישה שלך ב-PazPaz השתנתה", text, "אם זה לא צפוי, יש לפנות לבעלי המרפאה או למי שמנהל את השרת.")
	}
	text := map[string]string{
		"role":         "Your role in your practice has changed. You are now: " + roleWords["en"][role] + ". Please sign in again.",
		"deactivated":  "Your access to your practice on PazPaz has ended.",
		"reactivated":  "Your access to your practice on PazPaz is back. You can sign in again.",
		"factor_reset": "Whoever runs the server has taken the second factors from your account. Set up a new one when you sign in next.",
	}[what]
	return notice("en", "Your PazPaz access has changed", text, "If you did not expect this, ask the owner of the practice or whoever runs the server.")
}
