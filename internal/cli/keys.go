package cli

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"pazpaz/internal/config"
	"pazpaz/internal/crypt"
)

// masterKeys returns the keys of the settings, or those of the key file. On
// the first start the file is made; made tells, so that a start that fails on
// a database sealed by another key can take it away again.
func masterKeys(c config.Config, random io.Reader) (m *crypt.Masters, made string, err error) {
	if c.MasterKey.IsSet() {
		m, err = crypt.ParseMasters(c.MasterKey.Reveal())
		if err != nil {
			return nil, "", fmt.Errorf("ENCRYPTION_MASTER_KEY: %w", err)
		}
		return m, "", nil
	}
	path := strings.TrimPrefix(c.KeysURL, "file:")
	m, err = crypt.LoadMasters(path)
	if err == nil {
		return m, "", private(path)
	}
	if _, serr := os.Stat(path); serr == nil || !errors.Is(err, crypt.ErrKeyNotFound) {
		return m, "", err
	}
	if db, ok := strings.CutPrefix(c.DatabaseURL.Reveal(), "sqlite:"); ok && exists(db) {
		return nil, "", fmt.Errorf("%w, but there is a database at %s: put its key file back, or set ENCRYPTION_MASTER_KEY", err, db)
	}
	if err := crypt.CreateMasters(path, random); err != nil {
		return nil, "", err
	}
	m, err = crypt.LoadMasters(path)
	return m, path, err
}

func exists(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Size() > 0
}

// secretPath is where a secret key is kept that was made on the first start.
func secretPath(c config.Config) string { return filepath.Join(c.DataDir, "keys", "secret.key") }

// secretKeys returns the key that signs tokens, which is made on first start,
// and the former one, if there is one.
func secretKeys(c config.Config, random io.Reader) (now, old []byte, err error) {
	if c.SecretKey.IsSet() {
		return []byte(c.SecretKey.Reveal()), []byte(c.OldSecretKey.Reveal()), nil
	}
	path := secretPath(c)
	text, err := os.ReadFile(path) //nolint:gosec // G304: inside the data folder
	if errors.Is(err, os.ErrNotExist) {
		raw := make([]byte, 48)
		if _, err := io.ReadFull(random, raw); err != nil {
			return nil, nil, fmt.Errorf("make secret key: %w", err)
		}
		text = []byte(base64.RawURLEncoding.EncodeToString(raw))
		err = crypt.WriteSecret(path, text)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("secret key: %w", err)
	}
	first, second, err := config.SecretKeys(string(text))
	if err != nil {
		return nil, nil, fmt.Errorf("the secret key in %s: %w", path, err)
	}
	return []byte(first.Reveal()), []byte(second.Reveal()), nil
}
