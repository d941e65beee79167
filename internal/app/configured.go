package app

import (
	"net/url"

	"botengine/internal/actions"
	"botengine/internal/config"
	"botengine/internal/webcall"
)

// Configured says whether the configuration has what a step uses of it.
func Configured(cfg *config.Config) func(actions.Reference) bool {
	calls := callsOf(&cfg.Call)
	return func(ref actions.Reference) bool {
		switch ref.Kind {
		case actions.RefersHost:
			u, err := url.Parse(ref.Name)
			return err == nil && webcall.New(calls).Allows(u)
		case actions.RefersSecret:
			_, ok := cfg.Call.Secrets[ref.Name]
			return ok
		default:
			_, ok := cfg.Notify[ref.Name]
			return ok
		}
	}
}
