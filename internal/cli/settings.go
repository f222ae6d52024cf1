package cli

import (
	"fmt"
	"os"

	"pazpaz/internal/config"
)

func settings(env Env, _ []string) error {
	_, err := fmt.Fprint(env.Stdout, config.Markdown())
	return err
}

// configure reads the settings of the process.
func configure(env Env) (config.Config, error) {
	c, err := config.Load(env.Environ, os.ReadFile)
	if err != nil {
		return c, fmt.Errorf("settings: %w", err)
	}
	return c, nil
}
