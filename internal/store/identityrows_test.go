package store_test

import (
	"time"

	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// identityRows are a row of each table that belongs to no workspace and that
// the fixtures leave empty, in the order of their references.
func identityRows(k *testkit.Kit) []struct {
	table string
	row   row
} {
	now, one := k.Clock.Now(), []byte{1}
	session := uuid.New()
	who := row{"user_id": k.User1.ID, "created_at": now}
	brief := row{"id": uuid.New(), "created_at": now, "expires_at": now.Add(time.Minute)}
	return []struct {
		table string
		row   row
	}{
		{"platform_admins", who},
		{"auth_sessions", row{"id": session, "user_id": k.User1.ID, "device": one, "created_at": now, "last_seen_at": now, "expires_at": now.Add(time.Hour), "factor": "totp"}},
		{"totp_secrets", who.with(row{"secret": one, "last_step": 1})},
		{"recovery_codes", who.with(row{"code_hash": one})},
		{"passkeys", who.with(row{"id": uuid.New(), "credential_hash": one, "credential": one, "uses": 1})},
		{"sign_in_challenges", brief.with(row{"user_id": k.User1.ID, "token_hash": one, "tries": 0})},
		{"passkey_ceremonies", brief.with(row{"holder_hash": one, "purpose": "register", "state": one})},
		{"step_up_codes", row{"session_id": session, "code_hash": one, "tries": 0, "created_at": now, "expires_at": now.Add(time.Minute)}},
		{"blacklist", row{"id": uuid.New(), "kind": "email", "entry_key": one, "details": one, "created_at": now}},
		{"audit_checkpoint_files", row{"id": uuid.New(), "size": 1, "tail": one}},
	}
}
