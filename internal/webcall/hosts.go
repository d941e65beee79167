package webcall

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
)

// Host is a host that may be called.
type Host struct {
	Name    string // host or host:port, in small letters; without a port the scheme's own
	Private bool   // its address may be a private one
	Plain   bool   // http will do
}

// allowed returns the host of an address, if it may be called at that port and in
// that way.
func (c *Client) allowed(u *url.URL) (Host, error) {
	if u.User != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return Host{}, errors.New("the call's address is not https://host/…")
	}
	for _, h := range c.o.Hosts {
		if h.fits(u) {
			if u.Scheme == "http" && !h.Plain {
				return Host{}, fmt.Errorf("the configuration lets %s be called by https only", h.Name)
			}
			return h, nil
		}
	}
	return Host{}, fmt.Errorf("the host %s is not among `call.hosts` of the configuration", u.Host)
}

// Allows reports whether the configuration lets the address be called.
func (c *Client) Allows(u *url.URL) bool {
	_, err := c.allowed(u)
	return err == nil
}

// fits says whether the address is at the host, port and all.
func (h Host) fits(u *url.URL) bool {
	name, port, err := net.SplitHostPort(h.Name)
	if err != nil {
		name, port = strings.Trim(h.Name, "[]"), ""
	}
	return strings.EqualFold(u.Hostname(), name) && portOf(u.Port(), u.Scheme) == portOf(port, u.Scheme)
}

func portOf(port, scheme string) string {
	switch {
	case port != "":
		return port
	case scheme == "http":
		return "80"
	default:
		return "443"
	}
}

// control is asked about every address that is about to be dialled, after names
// were looked up: whatever a name stood for a moment ago counts for nothing.
type control func(network, address string, _ syscall.RawConn) error

// AddressError says that a host stands for an address that must not be dialled.
type AddressError struct{ Address string }

func (e *AddressError) Error() string {
	return fmt.Sprintf("its address %s is not a public one; `private: true` at the host in the configuration allows a private one", e.Address)
}

// PublicOnly is a net.Dialer's Control that lets nothing but addresses of the public
// internet be dialled; the error is an *AddressError.
func PublicOnly(_, address string, _ syscall.RawConn) error {
	ip, err := dialled(address)
	if err != nil || !isPublic(ip) {
		return &AddressError{address}
	}
	return nil
}

// privateToo allows private addresses, but never those that stand for no single
// host of the operator's: link-local ones, where clouds keep their secrets, among
// them.
func privateToo(_, address string, _ syscall.RawConn) error {
	ip, err := dialled(address)
	if err != nil || ip.Is4In6() || ip.IsUnspecified() || ip.IsMulticast() || ip.IsLinkLocalUnicast() || isTranslated(ip) {
		return &AddressError{address}
	}
	return nil
}

func dialled(address string) (netip.Addr, error) {
	at, err := netip.ParseAddrPort(address)
	return at.Addr().WithZone(""), err
}

// isPublic says whether an address is one of the public internet.
func isPublic(ip netip.Addr) bool {
	if !ip.IsValid() || ip.Is4In6() || !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() {
		return false
	}
	for _, p := range special {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

// special are ranges that net/netip takes for global and that are not: shared by
// carriers, reserved, for documentation and tests, or IPv4 in another dress.
var special = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fec0::/10",
)

// isTranslated says whether an address stands for one of IPv4, which somebody else
// reaches for us: any, a link-local one among them.
func isTranslated(ip netip.Addr) bool {
	return !ip.IsLoopback() && slices.ContainsFunc(translated, func(p netip.Prefix) bool { return p.Contains(ip) })
}

var translated = prefixes("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16")

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, p := range list {
		out[i] = netip.MustParsePrefix(p)
	}
	return out
}
