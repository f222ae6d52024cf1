package cli

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"pazpaz/internal/audit"
	"pazpaz/internal/auth"
	"pazpaz/internal/jobs"
	"pazpaz/internal/mail"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// maxPending bounds the checkpoints that wait for a copy that cannot be made.
const maxPending = 1 << 20

// checkpointCopy puts checkpoints into a second file elsewhere.
type checkpointCopy struct {
	file    checkpointFile // its path is empty when there is no copy
	pending []byte
}

func (a *app) checkpointCopy() checkpointCopy {
	dir, ok := strings.CutPrefix(a.cfg.CheckpointsURL, "file://")
	if !ok {
		return checkpointCopy{}
	}
	return checkpointCopy{file: checkpointFile{path: filepath.Join(dir, checkpointName)}}
}

// add appends lines, after those that could not be written before.
func (c *checkpointCopy) add(lines []byte) error {
	if c.file.path == "" {
		return nil
	}
	if len(c.pending)+len(lines) > maxPending {
		c.pending = nil // the first file has them
	}
	c.pending = append(c.pending, lines...)
	if _, err := c.file.append(c.pending); err != nil {
		return err
	}
	c.pending = nil
	return nil
}

// copyDaily mails the signed heads of all chains once a day, whichever of
// several processes comes first.
func (k *checkpointKeeper) copyDaily(ctx context.Context, at time.Time) {
	to, ok := strings.CutPrefix(k.cfg.CheckpointsURL, "mailto:")
	if !ok {
		return
	}
	if err := k.mailHeads(ctx, to, at.UTC()); err != nil {
		k.log.Error("audit checkpoints could not be mailed", "error", err)
	}
}

func (k *checkpointKeeper) mailHeads(ctx context.Context, to string, at time.Time) error {
	day := at.Format(time.DateOnly)
	id := uuid.NewSHA1(uuid.NameSpaceURL, []byte("audit checkpoints "+day+" "+to))
	if k.mailed == id {
		return nil
	}
	all, err := heads(ctx, k.store, nil)
	if err != nil {
		return err
	}
	text, err := k.headsText(signed(all, k.signing, at))
	if err != nil {
		return err
	}
	payload, err := json.Marshal(jobs.Mail{Message: mail.Message{
		ID: "audit-" + id.String(), To: to, Subject: "PazPaz audit checkpoints of " + day, Text: text, Date: at, Lang: "en",
	}})
	if err != nil {
		return fmt.Errorf("mail checkpoints: %w", err)
	}
	err = k.store.Identity(ctx, func(tx *store.IdentityTx) error {
		return tx.EnqueueOnce(store.Job{ID: id, Kind: auth.JobMail, Payload: payload})
	})
	if err != nil {
		return errors.Join(errors.New("mail checkpoints"), err)
	}
	k.mailed = id
	k.runner.Wake()
	return nil
}

func (k *checkpointKeeper) headsText(all []audit.Checkpoint) (string, error) {
	var b strings.Builder
	b.WriteString("Keep this mail. It proves where each audit chain ended on this day: a chain that was cut or rewritten since\n" +
		"does not fit. Save the lines between the marks as a file and check with\n\n" +
		"  pazpaz audit verify --checkpoints FILE\n\npublic key: ")
	b.WriteString(base64.StdEncoding.EncodeToString(publicKey(k.signing)))
	b.WriteString("\n\n-----\n")
	if err := audit.WriteCheckpoints(&b, all); err != nil {
		return "", err
	}
	b.WriteString("-----\n")
	return b.String(), nil
}
