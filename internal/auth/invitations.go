package auth

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

const (
	// invitationCookie proves that a browser has seen the landing page of a
	// link.
	invitationCookie = "invitation"
	landingLife      = 15 * time.Minute
)

// DeliverInvitation is the work behind an invitation: it makes the secret of
// the link and puts the mail into the queue. An invitation that was taken back
// or sent again meanwhile gets none.
func (s *Service) DeliverInvitation(ctx context.Context, payload []byte) error {
	var job store.InvitationMail
	if err := json.Unmarshal(payload, &job); err != nil {
		return fmt.Errorf("deliver invitation: %w", err)
	}
	practice, err := s.o.Store.PracticeName(ctx, job.Workspace)
	if model.KindOf(err) == model.NotFound {
		return nil
	}
	if err != nil {
		return fmt.Errorf("deliver invitation: %w", err)
	}
	token, err := s.newToken()
	if err != nil {
		return err
	}
	err = s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		i, err := tx.PrepareInvitation(job, hashToken(token))
		if model.KindOf(err) == model.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		to := model.User{Email: i.Email, WorkspaceID: i.WorkspaceID}
		return s.send(tx, to, invitationMail(i.Locale, practice, i.Role, s.invitationURL(token)), model.InvitationLife)
	})
	if err != nil {
		return fmt.Errorf("deliver invitation: %w", err)
	}
	return nil
}

// invitationURL puts the token behind the #, which browsers send to nobody.
func (s *Service) invitationURL(token string) string {
	return s.o.PublicURL + "/invitation#token=" + token
}

// DeliverNotice tells a member by mail what happened to the membership.
func (s *Service) DeliverNotice(ctx context.Context, payload []byte) error {
	var job store.MemberNotice
	if err := json.Unmarshal(payload, &job); err != nil {
		return fmt.Errorf("deliver notice: %w", err)
	}
	role, _ := model.ParseRole(job.Role)
	err := s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		u, err := tx.User(job.User)
		if err != nil {
			return err
		}
		if job.What == store.NoticeSuspended || job.What == store.NoticeReactivated {
			return s.notifyOwner(tx, u, job.What)
		}
		return s.notify(tx, u, memberMail(u.Locale, job.What, role))
	})
	if err != nil {
		return fmt.Errorf("deliver notice: %w", err)
	}
	return nil
}

// Landing is what an invitation's link shows before it is accepted.
type Landing struct {
	model.Invitation

	Practice model.Text
	// Inviter is the name of the member who invites; empty: the operator.
	Inviter model.Text
	// Cookie lets this browser accept it.
	Cookie *http.Cookie
}

// Land looks an invitation up by its link's token. It changes nothing, however
// often it is done. The error says what became of the invitation, or is
// TooMany.
func (s *Service) Land(ctx context.Context, token string, from netip.Addr) (Landing, error) {
	i, err := s.invitation(ctx, token, from)
	if err != nil {
		return Landing{}, err
	}
	practice, err := s.o.Store.PracticeName(ctx, i.WorkspaceID)
	if model.KindOf(err) == model.NotFound {
		return Landing{}, model.ErrInvitationInvalid
	}
	if err != nil {
		return Landing{}, fmt.Errorf("land: %w", err)
	}
	inviter, err := s.inviter(ctx, i)
	if err != nil {
		return Landing{}, err
	}
	return Landing{i, practice, inviter, s.cookie(invitationCookie, s.landed(token), landingLife)}, nil
}

// inviter is the name of whoever wrote an invitation, which only who holds its
// secret may know.
func (s *Service) inviter(ctx context.Context, i model.Invitation) (name model.Text, err error) {
	if i.InvitedBy == uuid.Nil {
		return "", nil
	}
	u, err := store.InIdentity(ctx, s.o.Store, func(tx *store.IdentityTx) (model.User, error) { return tx.User(i.InvitedBy) })
	if err != nil && model.KindOf(err) != model.NotFound {
		return "", fmt.Errorf("inviter: %w", err)
	}
	return u.FullName, nil
}

// invitation finds an invitation by its link's token. One that was found comes
// with the error too that says why it cannot be accepted.
func (s *Service) invitation(ctx context.Context, token string, from netip.Addr) (i model.Invitation, err error) {
	if err := limit(ctx, s.o.KV, "proof:"+Bucket(from), limitProof); err != nil {
		return i, err
	}
	i, err = store.InIdentity(ctx, s.o.Store, func(tx *store.IdentityTx) (model.Invitation, error) {
		return tx.InvitationByToken(hashToken(token))
	})
	if err != nil {
		return i, fmt.Errorf("invitation: %w", err)
	}
	return i, nil
}

// landed is what only a browser holds that has seen the landing page. Its
// message is longer than a session's id, so it is no CSRF token.
func (s *Service) landed(token string) string {
	return landedUnder(s.csrf.now, token)
}

func landedUnder(key []byte, token string) string {
	return base64.RawURLEncoding.EncodeToString(macOf(key, []byte("invitation landing\x00"), hashToken(token)))
}

// HasLanded reports whether the browser that asks has seen the landing page of
// the link with this token.
func (s *Service) HasLanded(r *http.Request, token string) bool {
	held := []byte(s.held(r, invitationCookie))
	return slices.ContainsFunc(signingKey(s.csrf).good(), func(key []byte) bool { return hmac.Equal(held, []byte(landedUnder(key, token))) })
}

var errOtherLanding = &model.Error{Kind: model.Denied, Code: "other_browser", Detail: "Open the link of the invitation in this browser first."}

// Accept makes whoever holds the link of an invitation a member and goes on as
// any sign-in does: somebody known by a second factor still has to prove it.
// landed says that the browser has seen the landing page. name and locale are
// for a new person; the invitation's name counts where name is empty.
func (s *Service) Accept(ctx context.Context, token string, landed bool, u model.User, from netip.Addr, d Device) (SignedIn, error) {
	i, err := s.invitation(ctx, token, from)
	if err != nil && i.WorkspaceID != uuid.Nil {
		return SignedIn{}, s.refusedInvitation(ctx, i, d, err)
	}
	if err != nil {
		return SignedIn{}, err
	}
	if !landed {
		return SignedIn{}, errOtherLanding
	}
	if u, err = s.invited(u, i); err != nil {
		return SignedIn{}, err
	}
	in, err := s.enter(ctx, d, func(tx *store.IdentityTx) (entry, error) {
		joined, err := tx.AcceptInvitation(i, hashToken(token), u, d.Request)
		if err != nil {
			return entry{}, err
		}
		if joined, err = tx.User(joined.ID); err != nil {
			return entry{}, err
		}
		return s.proceed(tx, joined, d)
	})
	if err != nil {
		return SignedIn{}, s.refusedInvitation(ctx, i, d, err)
	}
	in.Cookies = append(in.Cookies, s.cookie(invitationCookie, "", -time.Second))
	return in, nil
}

// invited judges the person that the invitation makes.
func (s *Service) invited(u model.User, i model.Invitation) (model.User, error) {
	u.Email = i.Email
	if u.FullName == "" {
		u.FullName = i.FullName
	}
	if u.Locale == "" {
		u.Locale = i.Locale
	}
	u, err := u.Normalize()
	if err != nil {
		return u, err
	}
	u.ID, err = s.newID()
	return u, err
}

// refusedInvitation leaves in the practice's chain that an acceptance was
// refused.
func (s *Service) refusedInvitation(ctx context.Context, i model.Invitation, d Device, why error) error {
	if kind := model.KindOf(why); kind != model.Conflict && kind != model.Gone && kind != model.NotFound {
		return why
	}
	about := model.User{ID: i.ID, WorkspaceID: i.WorkspaceID}
	err := s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		return tx.RecordSignIn(about, model.InvitationAccept, store.SignInDenied, uuid.Nil, d.Request)
	})
	if err != nil {
		return fmt.Errorf("refuse invitation: %w", err)
	}
	return why
}
