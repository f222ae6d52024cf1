package auth

import (
	"context"
	"encoding/json"
	"errors"
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
}

// RequestLink asks for a sign-in mail. It answers the same, in the same time,
// whether anybody signs in with that address or not: who it is gets looked up
// by a job. The error is TooMany when one client asks too often.
func (s *Service) RequestLink(ctx context.Context, email, locale, browser string, from netip.Addr, request uuid.UUID) error {
	if err := s.limit(ctx, "link:address:"+Bucket(from), limitAddress); err != nil {
		return err
	}
	email = model.CanonicalEmail(email)
	payload, err := json.Marshal(linkRequest{Email: email, Browser: hashToken(browser), Locale: locale, Request: request})
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
	verdict := s.limit(ctx, "link:email:"+fmt.Sprintf("%x", hashToken(q.Email)), limitEmail)
	err := s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
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
	m := signInMail(locale, s.linkURL(token), code)
	m.ID, m.To, m.Date = id.String(), string(u.Email), tx.Now()
	return s.enqueueMail(tx, id, m)
}

// enqueueMail puts a mail into the queue of the transaction.
func (s *Service) enqueueMail(tx *store.IdentityTx, id uuid.UUID, m mail.Message) error {
	payload, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("enqueue mail: %w", err)
	}
	return tx.Enqueue(store.Job{ID: id, Kind: JobMail, Payload: payload})
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
	if err := s.limit(ctx, "proof:"+Bucket(from), limitProof); err != nil {
		return SignedIn{}, err
	}
	return s.redeem(ctx, model.SignIn, d, func(tx *store.IdentityTx) (uuid.UUID, error) {
		return tx.RedeemLink(hashToken(token), hashToken(browser))
	})
}

// SignInByCode uses up the code that was mailed for this browser's request.
func (s *Service) SignInByCode(ctx context.Context, code, browser string, from netip.Addr, d Device) (SignedIn, error) {
	if err := s.limit(ctx, "proof:"+Bucket(from), limitProof); err != nil {
		return SignedIn{}, err
	}
	asked := hashToken(browser)
	err := s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error { return tx.CountCodeTry(asked) })
	if err != nil {
		return SignedIn{}, s.failed(ctx, model.SignInCode, d, err)
	}
	return s.redeem(ctx, model.SignInCode, d, func(tx *store.IdentityTx) (uuid.UUID, error) {
		return tx.RedeemCode(asked, tx.CodeHash(canonicalCode(code), asked))
	})
}

// redeem opens a session for whoever the proof belongs to, in the transaction
// that uses the proof up.
func (s *Service) redeem(ctx context.Context, act model.Action, d Device, proof func(*store.IdentityTx) (uuid.UUID, error)) (SignedIn, error) {
	var row store.AuthSession
	err := s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		user, err := proof(tx)
		if err != nil {
			return err
		}
		u, err := tx.User(user)
		if err != nil {
			return err
		}
		row, err = s.open(tx, u, d)
		return err
	})
	if err != nil {
		return SignedIn{}, s.failed(ctx, act, d, err)
	}
	return s.signedIn(ctx, row)
}

// failed leaves a refused proof in the audit chain and returns why.
func (s *Service) failed(ctx context.Context, act model.Action, d Device, cause error) error {
	kind := model.KindOf(cause)
	if kind != model.Unauthenticated && kind != model.Denied {
		return fmt.Errorf("sign in: %w", cause)
	}
	err := s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		return tx.RecordSignIn(model.User{}, act, store.SignInDenied, uuid.Nil, d.Request)
	})
	return errors.Join(cause, err)
}

// Tidy forgets links that ended a day ago.
func (s *Service) Tidy(ctx context.Context) error {
	err := s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		return tx.DropOldLinks(tx.Now().Add(-24 * time.Hour))
	})
	if err != nil {
		return fmt.Errorf("tidy sign-in links: %w", err)
	}
	return nil
}

// PrintedLink makes a link for the operator's console: it works once, in any
// browser, for a day.
func (s *Service) PrintedLink(ctx context.Context) (string, error) {
	token, err := s.newToken()
	if err != nil {
		return "", err
	}
	id, err := s.newID()
	if err != nil {
		return "", err
	}
	err = s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		u, err := tx.FirstOwner()
		if err != nil {
			return err
		}
		return tx.InsertLink(store.SignInLink{ID: id, UserID: u.ID, TokenHash: hashToken(token), ExpiresAt: tx.Now().Add(printedLife)})
	})
	if err != nil {
		return "", fmt.Errorf("print sign-in link: %w", err)
	}
	return s.linkURL(token), nil
}
