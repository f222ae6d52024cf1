package cli

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"pazpaz/internal/crypt"
)

// keysVerb is "keys status", "keys add" and "keys rotate".
func keysVerb(env Env, args []string) error {
	word := "status"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		word, args = args[0], args[1:]
	}
	if err := parse(flags(env, "keys"), args); err != nil {
		return err
	}
	if word == "add" {
		return addMaster(env)
	}
	run, ok := map[string]func(*app, Env) error{"status": (*app).keyStatus, "rotate": (*app).rotateKeys}[word]
	if !ok {
		fmt.Fprintln(env.Stderr, "pazpaz: keys takes status, add or rotate")
		return errUsage
	}
	a, err := openData(env)
	if err != nil {
		return err
	}
	return errors.Join(run(a, env), a.close())
}

// keyStatus prints which versions of the master key are needed.
func (a *app) keyStatus(env Env) error {
	uses, err := a.store.MasterUses(env.Ctx)
	if err != nil {
		return err
	}
	current := a.masters.Current()
	needed := []uint16{current}
	for _, u := range uses {
		needed = append(needed, u.Version)
		how := "current"
		if u.Version != current {
			how = "until pazpaz keys rotate"
		}
		fmt.Fprintf(env.Stdout, "v%d: %d data keys, %s\n", u.Version, u.Keys, how)
	}
	for _, v := range a.masters.Versions() {
		if !slices.Contains(needed, v) {
			fmt.Fprintf(env.Stdout, "v%d: not needed any more: take it away, and keep a copy as long as backups need it\n", v)
		}
	}
	return nil
}

// rotateBatch is how many data keys are wrapped anew in one transaction.
const rotateBatch = 200

// rotateKeys wraps all data keys under the current master key. It may be
// stopped at any moment; the next call goes on.
func (a *app) rotateKeys(env Env) error {
	for total := 0; ; {
		n, err := a.store.Rewrap(env.Ctx, rotateBatch)
		if err != nil {
			return err
		}
		if n == 0 {
			fmt.Fprintf(env.Stdout, "All data keys are sealed with master key v%d.\n", a.masters.Current())
			return nil
		}
		total += n
		fmt.Fprintf(env.Stdout, "%d data keys sealed anew\n", total)
	}
}

// addMaster writes one more version into the key file.
func addMaster(env Env) error {
	cfg, err := configure(env)
	if err != nil {
		return err
	}
	if cfg.MasterKey.IsSet() {
		return errors.New("the master keys are in ENCRYPTION_MASTER_KEY: add a line v2:BASE64 there, where `openssl rand -base64 32` makes the key, and keep the others")
	}
	path := strings.TrimPrefix(cfg.KeysURL, "file:")
	masters, err := crypt.LoadMasters(path)
	if err != nil {
		return err
	}
	next := masters.Current() + 1
	if err := appendMaster(env, path, next); err != nil {
		return fmt.Errorf("add a master key: %w", err)
	}
	fmt.Fprintf(env.Stdout, "Master key v%d is in %s: keep a copy offline. Restart every process, then run pazpaz keys rotate.\n", next, path)
	return nil
}

// appendMaster replaces the key file by one with another line at its end.
func appendMaster(env Env, path string, version uint16) error {
	old, err := os.ReadFile(path) //nolint:gosec // G304: the operator names the file
	if err != nil {
		return err
	}
	key := make([]byte, crypt.KeySize)
	if _, err := io.ReadFull(env.Random, key); err != nil {
		return fmt.Errorf("random key: %w", err)
	}
	text := fmt.Sprintf("%s\nv%d:%s\n", strings.TrimRight(string(old), "\n"), version, base64.StdEncoding.EncodeToString(key))
	if _, err := crypt.ParseMasters(text); err != nil {
		return err
	}
	temporary := filepath.Join(filepath.Dir(path), fmt.Sprintf(".new-%d", env.Now().UnixNano()))
	if err := crypt.WriteSecret(temporary, []byte(text)); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}
