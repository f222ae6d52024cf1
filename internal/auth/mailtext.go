package auth

import (
	"fmt"
	"html"

	"pazpaz/internal/mail"
)

// signInWords are the texts of the sign-in mail in one language. They name no
// person and no practice: inboxes are public places.
type signInWords struct {
	dir, subject, greeting, press, button, or, life, ignore string
}

func wordsFor(locale string) signInWords {
	if locale == "he" {
		return signInWords{
			dir: "rtl", subject: "הכניסה שלך ל-PazPaz", greeting: "שלום,",
			press:  "כדי להיכנס, יש לפתוח את הקישור באותו דפדפן שבו ביקשת אותו:",
			button: "כניסה ל-PazPaz", or: "או להקליד שם את הקוד הזה:",
			life:   "הקישור והקוד תקפים ל-10 דקות ולשימוש אחד.",
			ignore: "אם לא ביקשת להיכנס, אפשר להתעלם מהודעה זו.",
		}
	}
	return signInWords{
		dir: "ltr", subject: "Your PazPaz sign-in", greeting: "Hello,",
		press:  "To sign in, open this link in the browser where you asked for it:",
		button: "Sign in to PazPaz", or: "Or type this code there:",
		life:   "The link and the code are good for 10 minutes and for one use.",
		ignore: "If you did not ask to sign in, you can ignore this mail.",
	}
}

// signInMail writes the mail; id, recipient and date are the caller's.
func signInMail(locale, url, code string) mail.Message {
	w := wordsFor(locale)
	spaced := code[:4] + " " + code[4:]
	text := fmt.Sprintf("%s\n\n%s\n\n%s\n\n%s\n\n    %s\n\n%s\n%s\n", w.greeting, w.press, url, w.or, spaced, w.life, w.ignore)
	const page = `<!doctype html><html dir="%s"><body style="font:16px/1.5 sans-serif;color:#16211f">` +
		`<p>%s</p><p>%s</p><p><a href="%s" style="display:inline-block;padding:10px 18px;border-radius:8px;` +
		`background:#0f766e;color:#ffffff;text-decoration:none">%s</a></p>` +
		`<p>%s</p><p style="font-size:24px;letter-spacing:2px"><bdi dir="ltr">%s</bdi></p><p style="color:#52605d">%s<br>%s</p></body></html>`
	body := fmt.Sprintf(page, w.dir, w.greeting, w.press, html.EscapeString(url), w.button, w.or, spaced, w.life, w.ignore)
	return mail.Message{Subject: w.subject, Text: text, HTML: body, Lang: locale}
}
