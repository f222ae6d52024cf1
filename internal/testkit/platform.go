package testkit

import (
	"net/http"
	"regexp"

	"pazpaz/internal/mail"
	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// AdminEmail is the address of the admin that Admin makes.
const AdminEmail = "admin@example.com"

// AddMember stores a person with a membership.
func (k *Kit) AddMember(u model.User) model.User {
	k.T.Helper()
	k.platform(func(tx *store.PlatformTx) error { return tx.AddMember(u) })
	return u
}

// Admin makes a platform admin who belongs to no practice, and returns the
// browser in which they are signed in to run the server.
func (k *Kit) Admin() *Browser {
	k.T.Helper()
	NoErr(k.T, k.Platform.AddAdmin(k.T.Context(), k.Store.PlatformScope(uuid.Nil), AdminEmail))
	b := k.NewBrowser()
	b.SignInByMail(AdminEmail).Want(k, http.StatusOK)
	b.EnrolTOTP()
	return b
}

var invitationForm = regexp.MustCompile(`/invitation#token=([A-Za-z0-9_-]+)`)

// InvitationToken returns the token of the link in an invitation's mail.
func (k *Kit) InvitationToken(m mail.Message) string {
	k.T.Helper()
	found := invitationForm.FindStringSubmatch(m.Text)
	if found == nil {
		k.T.Fatalf("no invitation in the mail %q", m.Text)
	}
	return found[1]
}

// Mailed runs the jobs and returns the mails that have come since there were
// before of them; it fails the test unless there are as many as wanted.
func (k *Kit) Mailed(before, want int) []mail.Message {
	k.T.Helper()
	k.RunJobs()
	sent := k.Outbox.Sent()[before:]
	if len(sent) != want {
		k.T.Fatalf("%d mails were sent, want %d", len(sent), want)
	}
	return sent
}
