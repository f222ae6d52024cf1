package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"pazpaz/internal/mail"
	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// Kinds of the jobs that this package puts into the queue.
const (
	JobLink = "auth.link" // look a person up and mail the link; see DeliverLink
	JobMail = "mail.send" // send a mail.Message; done by package jobs
)

// codeAlphabet leaves out what is read wrongly: 0 O, 1 I L.
const (
	codeAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
	codeLength   = 8
)

// linkRequest is the payload of JobLink.
type linkRequest struct {
	Email   string    `json:"email"`
	Browser []byte    `json:"browser"` // hash of the pre-session
	Locale  string    `json:"locale"`
	Request uuid.UUID `json:"request"`
	Known   string    `json:"known,omitempty"` // the cookie of a browser that signed somebody in before
}

// RequestLink asks for a sign-in mail. It answers the same, in the same time,
// whether anybody signs in with that address or not: who it is gets looked up
// by a job. The error is TooMany when one client asks too often.
func (s *Service) RequestLink(ctx context.Context, email, locale, browser string, from netip.Addr, d Device) error {
	if err := limit(ctx, s.o.KV, "link:address:"+Bucket(from), limitAddress); err != nil {
		return err
	}
	email = model.CanonicalEmail(email)
	payload, err := json.Marshal(linkRequest{Email: email, Browser: hashToken(browser), Locale: locale, Request: d.Request, Known: ours(d.Known)})
	if err != nil {
		return fmt.Errorf("request link: %w", err)
	}
	id, err := s.newID()
	if err != nil {
		return err
	}
	err = s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		return tx.Enqueue(store.Job{ID: id, Kind: JobLink, Payload: payload})
	})
	if err != nil {
		return fmt.Errorf("request link: %w", err)
	}
	return nil
}

// DeliverLink is the work behind RequestLink: when somebody signs in with the
// address, it makes a link and a code and puts their mail into the queue.
func (s *Service) DeliverLink(ctx context.Context, payload []byte) error {
	var q linkRequest
	if err := json.Unmarshal(payload, &q); err != nil {
		return fmt.Errorf("deliver link: %w", err)
	}
	share, err := s.linkShare(ctx, q)
	if err != nil {
		return err
	}
	verdict := limit(ctx, s.o.KV, share, limitEmail)
	err = s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		u, err := tx.UserByEmail(q.Email)
		if model.KindOf(err) == model.NotFound {
			return tx.RecordSignIn(model.User{}, model.SignInRequest, store.SignInUnknown, uuid.Nil, q.Request)
		}
		if err != nil {
			return err
		}
		if !u.Active || verdict != nil {
			return tx.RecordSignIn(u, model.SignInRequest, store.SignInDenied, uuid.Nil, q.Request)
		}
		if err := s.mailLink(tx, u, q); err != nil {
			return err
		}
		return tx.RecordSignIn(u, model.SignInRequest, store.SignInOK, uuid.Nil, q.Request)
	})
	if err != nil {
		return fmt.Errorf("deliver link: %w", err)
	}
	return nil
}

// linkShare is what a request for a link counts under: the address, or the
// browser if it signed this person in before. What strangers ask for must not
// keep somebody out of the browser that they work with.
func (s *Service) linkShare(ctx context.Context, q linkRequest) (string, error) {
	strangers := fmt.Sprintf("link:email:%x", hashToken(q.Email))
	device, _ := splitKnown(q.Known)
	if device == "" {
		return strangers, nil
	}
	u, err := store.InIdentity(ctx, s.o.Store, func(tx *store.IdentityTx) (model.User, error) { return tx.UserByEmail(q.Email) })
	switch {
	case model.KindOf(err) == model.NotFound:
		return strangers, nil
	case err != nil:
		return "", fmt.Errorf("deliver link: %w", err)
	case !s.known.knows(q.Known, u.ID):
		return strangers, nil
	}
	return fmt.Sprintf("link:known:%s:%x", u.ID, hashToken(device)), nil
}

func (s *Service) mailLink(tx *store.IdentityTx, u model.User, q linkRequest) error {
	token, err := s.newToken()
	if err != nil {
		return err
	}
	code, err := s.newCode()
	if err != nil {
		return err
	}
	id, err := s.newID()
	if err != nil {
		return err
	}
	err = tx.InsertLink(store.SignInLink{
		ID: id, UserID: u.ID, TokenHash: hashToken(token), BrowserHash: q.Browser,
		CodeHash: tx.CodeHash(code, q.Browser), ExpiresAt: tx.Now().Add(linkLife),
	})
	if err != nil {
		return err
	}
	locale := q.Locale
	if locale == "" {
		locale = u.Locale
	}
	return s.send(tx, u, signInMail(locale, s.linkURL(token), code), linkLife)
}

// queuedMail is what the job that sends a mail expects; see jobs.Mail.
type queuedMail struct {
	mail.Message

	NotAfter time.Time
}

// send makes a mail to a person and puts it into the queue of the transaction.
// It is not sent when it is older than life.
func (s *Service) send(tx *store.IdentityTx, u model.User, m mail.Message, life time.Duration) error {
	id, err := s.newID()
	if err != nil {
		return err
	}
	m.ID, m.To, m.Date = id.String(), string(u.Email), tx.Now()
	payload, err := json.Marshal(queuedMail{m, tx.Now().Add(life)})
	if err != nil {
		return fmt.Errorf("enqueue mail: %w", err)
	}
	return tx.Enqueue(store.Job{ID: id, Kind: JobMail, Payload: payload, Workspace: u.WorkspaceID})
}

// linkURL puts the token behind the #, which browsers send to nobody.
func (s *Service) linkURL(token string) string { return s.o.PublicURL + "/sign-in/link#token=" + token }

// newCode returns the code that is typed; every letter is equally likely.
func (s *Service) newCode() (string, error) {
	const fair = 256 - 256%len(codeAlphabet)
	code := make([]byte, 0, codeLength)
	one := make([]byte, 1)
	for len(code) < codeLength {
		if _, err := io.ReadFull(s.o.Random, one); err != nil {
			return "", fmt.Errorf("random code: %w", err)
		}
		if int(one[0]) < fair {
			code = append(code, codeAlphabet[int(one[0])%len(codeAlphabet)])
		}
	}
	return string(code), nil
}

// canonicalCode takes what people type around a code away.
func canonicalCode(code string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, strings.ToUpper(code))
}

// SignInByLink uses up a link's token in the browser that asked for it.
func (s *Service) SignInByLink(ctx context.Context, token, browser string, from netip.Addr, d Device) (SignedIn, error) {
	p := proof{act: model.SignIn, browser: hashToken(browser), token: hashToken(token)}
	return s.redeem(ctx, p, from, d, func(tx *store.IdentityTx) (uuid.UUID, error) {
		return tx.RedeemLink(p.token, p.browser)
	})
}

// SignInByCode uses up the code that was mailed for this browser's request.
// The try counts before the code is looked at.
func (s *Service) SignInByCode(ctx context.Context, code, browser string, from netip.Addr, d Device) (SignedIn, error) {
	p := proof{act: model.SignInCode, browser: hashToken(browser)}
	return s.redeem(ctx, p, from, d, func(tx *store.IdentityTx) (uuid.UUID, error) {
		if err := tx.CountCodeTry(p.browser); err != nil {
			return uuid.Nil, err
		}
		return tx.RedeemCode(p.browser, tx.CodeHash(canonicalCode(code), p.browser))
	})
}

// proof is what somebody shows to sign in.
type proof struct {
	act            model.Action
	browser, token []byte // hashes; token is nil for a code
}

// redeem opens a session for whoever the proof belongs to, in the transaction
// that uses the proof up. A refusal is recorded in the same transaction, which
// commits in any case, so that it takes the same work for everybody.
func (s *Service) redeem(ctx context.Context, p proof, from netip.Addr, d Device, use func(*store.IdentityTx) (uuid.UUID, error)) (SignedIn, error) {
	if err := limit(ctx, s.o.KV, "proof:"+Bucket(from), limitProof); err != nil {
		return SignedIn{}, err
	}
	return s.enter(ctx, d, func(tx *store.IdentityTx) (entry, error) {
		e, err := s.enterFor(tx, d, use)
		if isRefusal(err) {
			return e, s.refused(tx, p, d, err)
		}
		return e, err
	})
}

func (s *Service) enterFor(tx *store.IdentityTx, d Device, use func(*store.IdentityTx) (uuid.UUID, error)) (entry, error) {
	user, err := use(tx)
	if err != nil {
		return entry{}, err
	}
	u, err := tx.User(user)
	if err != nil {
		return entry{}, err
	}
	return s.proceed(tx, u, d)
}

// refused records a refused proof: in the practice of whom it was about, when
// that is known, so that the practice sees who is being guessed at.
func (s *Service) refused(tx *store.IdentityTx, p proof, d Device, why error) error {
	u, err := tx.Asked(p.browser, p.token)
	if err != nil && model.KindOf(err) != model.NotFound {
		return err
	}
	if err := tx.RecordSignIn(u, p.act, store.SignInDenied, uuid.Nil, d.Request); err != nil {
		return err
	}
	return refusal{why}
}

// keepSessions is how long it can be seen from where somebody had signed in.
const keepSessions = 90 * 24 * time.Hour

// Tidy forgets links that ended a day ago and sessions that ended long ago.
func (s *Service) Tidy(ctx context.Context) error {
	err := s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		if err := tx.DropOldLinks(tx.Now().Add(-24 * time.Hour)); err != nil {
			return err
		}
		if err := tx.DropChallenges(tx.Now().Add(-24 * time.Hour)); err != nil {
			return err
		}
		return tx.DropSessions(tx.Now().Add(-keepSessions))
	})
	if err != nil {
		return fmt.Errorf("tidy sign-in: %w", err)
	}
	return nil
}

// PrintedLink makes a link for the operator's console: it signs in as the
// person with that address, once, in any browser, for a day. That it was made
// is in the audit chain of the person's practice.
func (s *Service) PrintedLink(ctx context.Context, email string) (string, error) {
	token, err := s.newToken()
	if err != nil {
		return "", err
	}
	id, err := s.newID()
	if err != nil {
		return "", err
	}
	err = s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		u, err := tx.UserByEmail(email)
		if err != nil {
			return err
		}
		link := store.SignInLink{ID: id, UserID: u.ID, TokenHash: hashToken(token), ExpiresAt: tx.Now().Add(printedLife)}
		if err := tx.InsertLink(link); err != nil {
			return err
		}
		return tx.RecordPrinted(u)
	})
	if err != nil {
		return "", fmt.Errorf("print sign-in link: %w", err)
	}
	return s.linkURL(token), nil
}
