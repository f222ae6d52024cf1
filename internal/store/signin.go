package store

import (
	"errors"
	"fmt"
	"time"

	"pazpaz/internal/audit"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// How a step of signing in ended.
const (
	SignInOK      = audit.OK
	SignInDenied  = audit.Denied
	SignInUnknown = audit.Missing
)

// SignInLink is a mailed or printed proof that may be used once.
type SignInLink struct {
	ID     uuid.UUID
	UserID uuid.UUID
	// TokenHash is the SHA-256 of the link's token.
	TokenHash []byte
	// CodeHash is the keyed hash of the typed code; nil for a printed link.
	CodeHash []byte
	// BrowserHash is the SHA-256 of the pre-session of the browser that asked;
	// nil for a printed link, which works in any browser.
	BrowserHash []byte
	ExpiresAt   time.Time
}

const insertLinkSQL = `insert into sign_in_links
	(id, user_id, token_hash, code_hash, browser_hash, tries, created_at, expires_at) values ($1, $2, $3, $4, $5, 0, $6, $7)`

// InsertLink stores a sign-in link.
func (tx *IdentityTx) InsertLink(l SignInLink) error {
	_, err := tx.c.exec(tx.ctx, insertLinkSQL, l.ID, l.UserID, l.TokenHash, l.CodeHash, l.BrowserHash, tx.now, l.ExpiresAt)
	if err != nil {
		return fmt.Errorf("insert sign-in link: %w", err)
	}
	return nil
}

const dropOldLinksSQL = `delete from sign_in_links where expires_at < $1`

// DropOldLinks forgets links that ended before t.
func (tx *IdentityTx) DropOldLinks(t time.Time) error {
	_, err := tx.c.exec(tx.ctx, dropOldLinksSQL, t)
	return err
}

// ErrLinkInvalid answers a link that is unknown, used or too old, alike.
var ErrLinkInvalid = &model.Error{Kind: model.Unauthenticated, Code: "link_invalid", Detail: "This link was used before or is too old. Ask for a new one."}

// ErrOtherBrowser answers a good link in a browser that did not ask for it.
// The link stays good.
var ErrOtherBrowser = &model.Error{Kind: model.Denied, Code: "other_browser", Detail: "This link was asked for in another browser. Type the code from the mail there."}

// redeemSQL uses a link up: of many at once, exactly one changes the row.
const redeemSQL = `update sign_in_links set used_at = $2
	where token_hash = $1 and used_at is null and expires_at > $2 and (browser_hash is null or browser_hash = $3)
	returning user_id`

const linkIsGoodSQL = `select 1 from sign_in_links where token_hash = $1 and used_at is null and expires_at > $2`

// RedeemLink uses up the link with that token hash in the browser that asked
// for it, and returns whose it is.
func (tx *IdentityTx) RedeemLink(tokenHash, browserHash []byte) (user uuid.UUID, err error) {
	r, err := tx.c.query(tx.ctx, redeemSQL, tokenHash, tx.now, browserHash)
	err = one(r, err, &user)
	if !errors.Is(err, errNoRow) {
		return user, err
	}
	var good int64
	r, err = tx.c.query(tx.ctx, linkIsGoodSQL, tokenHash, tx.now)
	switch err := one(r, err, &good); {
	case err == nil:
		return user, ErrOtherBrowser
	case errors.Is(err, errNoRow):
		return user, ErrLinkInvalid
	default:
		return user, err
	}
}

// MaxCodeTries is how often a code may be typed for one request of a link.
const MaxCodeTries = 5

// ErrCodeInvalid answers a code that is wrong, used, too old or tried too
// often, alike.
var ErrCodeInvalid = &model.Error{Kind: model.Unauthenticated, Code: "code_invalid", Detail: "This code is not right, or it is too old. Check it, or ask for a new mail."}

const countTrySQL = `update sign_in_links set tries = tries + 1
	where browser_hash = $1 and used_at is null and expires_at > $2 and tries < $3`

// CountCodeTry counts a try against every open link of the browser, before
// the code is looked at.
func (tx *IdentityTx) CountCodeTry(browserHash []byte) error {
	if _, err := tx.c.exec(tx.ctx, countTrySQL, browserHash, tx.now, int64(MaxCodeTries+1)); err != nil {
		return fmt.Errorf("count try: %w", err)
	}
	return nil
}

const redeemCodeSQL = `update sign_in_links set used_at = $3
	where browser_hash = $1 and code_hash = $2 and used_at is null and expires_at > $3 and tries <= $4
	returning user_id`

// RedeemCode uses up the link of that browser whose code has this hash. The
// try was counted before.
func (tx *IdentityTx) RedeemCode(browserHash, codeHash []byte) (user uuid.UUID, err error) {
	r, err := tx.c.query(tx.ctx, redeemCodeSQL, browserHash, codeHash, tx.now, int64(MaxCodeTries))
	if err := one(r, err, &user); errors.Is(err, errNoRow) {
		return user, ErrCodeInvalid
	} else if err != nil {
		return user, err
	}
	return user, nil
}

// CodeHash is the keyed hash under which a typed code is stored: it is too
// short for a plain one.
func (tx *IdentityTx) CodeHash(code string, browserHash []byte) []byte {
	return tx.box.Lookup("sign-in code", append([]byte(code), browserHash...))
}

// RecordSignIn adds a step of signing in to the person's workspace chain, or
// to the system's when the person is not known. Until a session exists nobody
// has proved who they are: the person is whom it was about, not who did it.
func (tx *IdentityTx) RecordSignIn(u model.User, act model.Action, outcome string, session, request uuid.UUID) error {
	e := audit.Event{
		ActorKind: audit.Nobody, Action: act.String(), Outcome: outcome,
		SubjectID: u.ID, SessionID: session, RequestID: request,
	}
	if session != uuid.Nil {
		e.ActorKind, e.ActorID = audit.Person, u.ID
	}
	if u.ID == uuid.Nil {
		return tx.record(system, e)
	}
	return tx.record(u.WorkspaceID, e)
}

// RecordPrinted notes in the person's workspace chain that the operator has
// printed a sign-in link for them.
func (tx *IdentityTx) RecordPrinted(u model.User) error {
	return tx.record(u.WorkspaceID, audit.Event{
		ActorKind: audit.Operator, Action: model.SignInRequest.String(), Outcome: audit.OK, SubjectID: u.ID,
	})
}

const linkOwnerSQL = `select user_id from sign_in_links where browser_hash = $1 or token_hash = $2 order by created_at desc limit 1`

// Asked returns the person whose link a browser asked for last, or whose link
// has that token: whom a proof that failed was about. NotFound when nobody's.
func (tx *IdentityTx) Asked(browserHash, tokenHash []byte) (model.User, error) {
	var id uuid.UUID
	r, err := tx.c.query(tx.ctx, linkOwnerSQL, browserHash, tokenHash)
	if err := one(r, err, &id); err != nil {
		return model.User{}, missing(err)
	}
	return tx.User(id)
}
