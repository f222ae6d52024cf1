package auth

import (
	"fmt"

	"pazpaz/internal/mail"
	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// notifyOwner tells an owner what the operator did to the practice, also while
// it is suspended. Whoever was put on the blacklist meanwhile is not mailed.
func (s *Service) notifyOwner(tx *store.IdentityTx, u model.User, what string) error {
	listed, err := tx.Blacklisted(string(u.Email))
	if err != nil {
		return fmt.Errorf("notify owner: %w", err)
	}
	if listed {
		return nil
	}
	u.WorkspaceID = uuid.Nil // mails of a suspended practice wait
	return s.notify(tx, u, practiceMail(u.Locale, what))
}

// practiceMail tells an owner what became of the practice. It names neither the
// practice nor the reason: inboxes are public places.
func practiceMail(locale, what string) mail.Message {
	suspended := what == store.NoticeSuspended
	switch {
	case locale == "he" && suspended:
		return notice(locale, "המרפאה שלך ב-PazPaz הושהתה",
			"מי שמנהל את השרת השהה את המרפאה שלך ב-PazPaz. עד שתופעל מחדש, איש מהמרפאה אינו יכול להיכנס. דבר לא נמחק.",
			"בכל שאלה יש לפנות למי שמנהל את השרת.")
	case locale == "he":
		return notice(locale, "המרפאה שלך ב-PazPaz פעילה שוב",
			"מי שמנהל את השרת הפעיל מחדש את המרפאה שלך ב-PazPaz. אפשר להיכנס שוב, והכול נשמר כפי שהיה.")
	case suspended:
		return notice("en", "Your practice on PazPaz is suspended",
			"Whoever runs the server has suspended your practice on PazPaz. Until it is active again, nobody of the practice can sign in. Nothing was deleted.",
			"If you have questions, ask whoever runs the server.")
	}
	return notice("en", "Your practice on PazPaz is active again",
		"Whoever runs the server has made your practice on PazPaz active again. You can sign in, and all is there as before.")
}
