package auth

import (
	"context"
	"crypto/hmac"
	"fmt"
	"net/netip"
	"sync"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
)

// setupToken is the hash of the setup link's token. It lives in memory only:
// a restart prints a new link and the old one is worth nothing.
type setupToken struct {
	mu   sync.Mutex
	hash []byte
}

// SetupLink makes the link that creates the first workspace, and forgets any
// earlier one.
func (s *Service) SetupLink() (string, error) {
	token, err := s.newToken()
	if err != nil {
		return "", err
	}
	s.setup.mu.Lock()
	defer s.setup.mu.Unlock()
	s.setup.hash = hashToken(token)
	return s.o.PublicURL + "/setup#token=" + token, nil
}

func (t *setupToken) matches(token string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.hash) > 0 && hmac.Equal(t.hash, hashToken(token))
}

// SetupOpen reports whether the first workspace is still to be made.
func (s *Service) SetupOpen(ctx context.Context) (bool, error) {
	done, err := s.o.Store.HasWorkspace(ctx)
	if err != nil {
		return false, fmt.Errorf("setup: %w", err)
	}
	return !done, nil
}

// Setup creates the first workspace and its owner and signs the owner in. The
// error is Unauthenticated for a wrong token, Conflict when somebody was
// first, Invalid when a field is wrong.
func (s *Service) Setup(ctx context.Context, token string, w model.Workspace, owner model.User, from netip.Addr, d Device) (SignedIn, error) {
	if err := limit(ctx, s.o.KV, "proof:"+Bucket(from), limitProof); err != nil {
		return SignedIn{}, err
	}
	if !s.setup.matches(token) {
		if done, err := s.o.Store.HasWorkspace(ctx); err != nil || done {
			return SignedIn{}, orSetupDone(err)
		}
		return SignedIn{}, store.ErrLinkInvalid
	}
	var row store.AuthSession
	err := s.createFirst(ctx, &w, &owner, d, func(tx *store.PlatformTx) (err error) {
		row, err = s.open(&tx.IdentityTx, owner, model.FactorMail, d)
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	return s.signedIn(ctx, row, d)
}

func orSetupDone(err error) error {
	if err != nil {
		return fmt.Errorf("setup: %w", err)
	}
	return store.ErrSetupDone
}

// CreateFirst makes the first workspace and its owner without signing in, for
// the demo practice. It fails with Conflict when a workspace exists.
func (s *Service) CreateFirst(ctx context.Context, w model.Workspace, owner model.User) (model.Workspace, model.User, error) {
	err := s.createFirst(ctx, &w, &owner, Device{}, func(*store.PlatformTx) error { return nil })
	return w, owner, err
}

// createFirst fills in ids and defaults, creates both, and runs then.
func (s *Service) createFirst(ctx context.Context, w *model.Workspace, owner *model.User, d Device, then func(*store.PlatformTx) error) error {
	if err := s.fillFirst(w, owner); err != nil {
		return err
	}
	err := s.o.Store.Platform(ctx, s.o.Store.PlatformScope(d.Request), model.WorkspaceCreate, func(tx *store.PlatformTx) error {
		if err := tx.RequireEmpty(); err != nil {
			return err
		}
		if err := tx.CreateWorkspace(*w); err != nil {
			return err
		}
		if err := tx.AddMember(*owner); err != nil {
			return err
		}
		return then(tx)
	})
	if err != nil {
		return fmt.Errorf("setup: %w", err)
	}
	return nil
}

// fillFirst judges both at once, so that the form shows all that is wrong.
func (s *Service) fillFirst(w *model.Workspace, owner *model.User) error {
	if owner.Locale == "" {
		owner.Locale = w.Locale
	}
	var werr, oerr error
	*w, werr = w.Normalize()
	*owner, oerr = owner.Normalize()
	if err := model.JoinInvalid(model.RenameField(werr, "name", "practice_name"), oerr); err != nil {
		return err
	}
	var err error
	if w.ID, err = s.newID(); err != nil {
		return err
	}
	owner.ID, err = s.newID()
	owner.WorkspaceID, owner.Role, owner.Active = w.ID, model.Owner, true
	return err
}
