package actions

import (
	"net/url"
	"strings"
)

// Reference is something of the configuration that a step uses.
type Reference struct {
	Kind ReferenceKind
	Name string // of a host: as it stands in an address, with the scheme
}

// ReferenceKind says where in the configuration the name stands.
type ReferenceKind string

// What a step may use of the configuration.
const (
	RefersHost   ReferenceKind = "call.hosts"
	RefersSecret ReferenceKind = "call.secrets"
	RefersChat   ReferenceKind = "notify"
)

// Referrer is a Bound that may use something of the configuration.
type Referrer interface {
	// Refers lists what the step uses, each once.
	Refers() []Reference
}

// referCall is what a call uses: its host, and the secrets of its headers.
func referCall(p *callParams) []Reference {
	var out []Reference
	if u, err := url.Parse(p.URL.text); err == nil {
		out = append(out, Reference{RefersHost, u.Scheme + "://" + strings.ToLower(u.Host)})
	}
	for _, value := range p.Headers.values {
		for _, secret := range headerSecret.FindAllString(value, -1) {
			out = append(out, Reference{RefersSecret, secret[2 : len(secret)-1]})
		}
	}
	return unique(out)
}

func referNotify(p *notifyParams) []Reference {
	if isRecipient(p.To.text) {
		return nil
	}
	return []Reference{{RefersChat, p.To.text}}
}
