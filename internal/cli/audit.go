package cli

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"

	"pazpaz/internal/audit"

	"github.com/google/uuid"
)

// auditCall is what the words behind "audit" ask for.
type auditCall struct {
	word, file, checkpoints, key, workspace string
}

// auditVerb is "audit verify", "audit export" and "audit checkpoint".
func auditVerb(env Env, args []string) error {
	c := auditCall{word: "verify"}
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		c.word, args = args[0], args[1:]
	}
	f := flags(env, "audit")
	f.StringVar(&c.file, "file", "", "verify: an exported chain instead of the database; opens nothing else")
	f.StringVar(&c.checkpoints, "checkpoints", "", "verify: signed checkpoints that the chains must contain (default: those in the data folder)")
	f.StringVar(&c.key, "key", "", "verify --file: the public key of the checkpoints, as audit checkpoint prints it")
	f.StringVar(&c.workspace, "workspace", "", "only this workspace's chain (zeros: the system's)")
	if err := parse(f, args); err != nil {
		return err
	}
	run, ok := map[string]func(*app, Env, auditCall) error{
		"verify": (*app).verifyAudit, "export": (*app).exportAudit, "checkpoint": (*app).printCheckpoints,
	}[c.word]
	if !ok {
		fmt.Fprintln(env.Stderr, "pazpaz: audit takes verify, export or checkpoint")
		return errUsage
	}
	if c.word == "verify" && c.file != "" {
		return verifyFile(env, c)
	}
	a, err := openData(env)
	if err != nil {
		return err
	}
	return errors.Join(run(a, env, c), a.close())
}

func (a *app) chains(env Env, only string) ([]uuid.UUID, error) {
	if only == "" {
		return a.store.Chains(env.Ctx)
	}
	id, err := uuid.Parse(only)
	if err != nil {
		return nil, errors.New("--workspace must be a workspace's id")
	}
	return []uuid.UUID{id}, nil
}

func (a *app) verifyAudit(env Env, c auditCall) error {
	path, loss := c.checkpoints, error(nil)
	if path == "" {
		var err error
		if loss, err = a.checkpointLoss(env.Ctx); err != nil {
			return err
		}
		if own := a.checkpointFile().path; exists(own) {
			path = own
		}
	}
	signed, err := readCheckpoints(env, path, publicKey(a.signing))
	if err != nil {
		return err
	}
	ids, err := a.chains(env, c.workspace)
	if err != nil {
		return err
	}
	if err := allThere(signed, ids, c.workspace); err != nil {
		return err
	}
	for _, id := range ids {
		if err := a.verifyOne(env, id, signed); err != nil {
			return err
		}
	}
	return loss
}

// verifyOne checks a chain against its checkpoints and against the end that
// the database claims.
func (a *app) verifyOne(env Env, id uuid.UUID, signed []audit.Checkpoint) error {
	claimed, err := a.store.ChainHead(env.Ctx, id)
	if err != nil {
		return fmt.Errorf("audit chain of %s: %w", id, err)
	}
	known := append(audit.Heads(signed, id), claimed)
	head, err := verifyChain(env, id, a.store.Events(env.Ctx, id), known)
	if err != nil {
		return err
	}
	return a.endsThere(env, head)
}

// endsThere finds entries behind the end that the database claims. The end is
// read after the entries, so a server that goes on writing does no harm.
func (a *app) endsThere(env Env, head audit.Head) error {
	claimed, err := a.store.ChainHead(env.Ctx, head.WorkspaceID)
	if err != nil {
		return fmt.Errorf("audit chain of %s: %w", head.WorkspaceID, err)
	}
	if head.Seq > claimed.Seq {
		return &audit.BadEntry{WorkspaceID: head.WorkspaceID, Seq: claimed.Seq + 1, Reason: "it is behind the end of the chain"}
	}
	return nil
}

// allThere finds a chain that is gone altogether although a checkpoint proves
// that it was there.
func allThere(signed []audit.Checkpoint, ids []uuid.UUID, only string) error {
	for _, c := range signed {
		if only == "" && !slices.Contains(ids, c.WorkspaceID) {
			return &audit.BadEntry{WorkspaceID: c.WorkspaceID, Seq: 1, Reason: "the whole chain is missing"}
		}
	}
	return nil
}

func verifyChain(env Env, id uuid.UUID, events iter.Seq2[audit.Event, error], known []audit.Head) (audit.Head, error) {
	head, err := audit.Verify(id, events, known)
	if err != nil {
		return head, err
	}
	fmt.Fprintf(env.Stdout, "%s: %d entries, intact\n", id, head.Seq)
	return head, nil
}

// verifyFile checks an exported chain, which holds one workspace's events,
// with nothing but the file, and the checkpoints when their key is given.
func verifyFile(env Env, c auditCall) error {
	key, err := base64.StdEncoding.DecodeString(c.key)
	if err != nil || (c.checkpoints != "" && len(key) != ed25519.PublicKeySize) {
		return errors.New("--checkpoints with --file needs --key, as audit checkpoint prints it")
	}
	chain, err := os.Open(c.file)
	if err != nil {
		return fmt.Errorf("open export: %w", err)
	}
	defer chain.Close() //nolint:errcheck // it was only read
	if c.checkpoints == "" {
		head, _, err := audit.VerifyExport(chain, nil, nil)
		if err == nil {
			fmt.Fprintf(env.Stdout, "%s: %d entries, intact\n", head.WorkspaceID, head.Seq)
		}
		return err
	}
	checkpoints, err := os.Open(c.checkpoints)
	if err != nil {
		return fmt.Errorf("open checkpoints: %w", err)
	}
	defer checkpoints.Close() //nolint:errcheck // it was only read
	head, proved, err := audit.VerifyExport(chain, checkpoints, key)
	if err == nil {
		fmt.Fprintf(env.Stdout, "%s: %d entries, intact, %d of them proved by checkpoints\n", head.WorkspaceID, head.Seq, proved)
	}
	return err
}

// readCheckpoints reads the file at path; none when path is empty.
func readCheckpoints(env Env, path string, key ed25519.PublicKey) ([]audit.Checkpoint, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path) //nolint:gosec // G304: the operator names the file
	if err != nil {
		return nil, fmt.Errorf("open checkpoints: %w", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	signed, cut, err := audit.ReadCheckpoints(f, key)
	if cut > 0 {
		fmt.Fprintf(env.Stderr, "%s: %d lines are cut and were left out\n", path, cut)
	}
	return signed, err
}

func (a *app) exportAudit(env Env, c auditCall) error {
	if c.workspace == "" {
		return errors.New("audit export needs --workspace")
	}
	ids, err := a.chains(env, c.workspace)
	if err != nil {
		return err
	}
	return audit.WriteExport(env.Stdout, a.store.Events(env.Ctx, ids[0]))
}

// printCheckpoints prints the signed heads of all chains, and on the other
// stream the public key with which they can be checked elsewhere.
func (a *app) printCheckpoints(env Env, _ auditCall) error {
	grown, err := heads(env.Ctx, a.store, map[uuid.UUID]int64{})
	if err != nil {
		return err
	}
	fmt.Fprintln(env.Stderr, "public key:", base64.StdEncoding.EncodeToString(publicKey(a.signing)))
	return audit.WriteCheckpoints(env.Stdout, signed(grown, a.signing, env.Now()))
}
