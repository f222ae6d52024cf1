package auth

import (
	"crypto/hmac"
	"crypto/sha256"

	"pazpaz/internal/store"
)

// draftKeys make the server's half of the key under which a browser seals
// text that has not been saved yet.
type draftKeys []byte

// DraftKey returns the 32 bytes that belong to this user in this workspace.
// They are the same after each sign-in, so that a copy left behind by a
// session that ran out opens for its author, and for nobody else.
func (s *Service) DraftKey(sc store.Scope) []byte {
	user, workspace := sc.User(), sc.Workspace()
	mac := hmac.New(sha256.New, s.drafts)
	mac.Write(workspace[:])
	mac.Write(user[:])
	return mac.Sum(nil)
}
