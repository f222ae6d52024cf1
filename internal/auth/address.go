package auth

import (
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the machines whose word about the client's address is believed. The zero value believes nobody.
type Proxies struct {
	trusted []netip.Prefix
}

// NewProxies returns Proxies that trusts the given ranges. IPv4 ranges written as IPv6 count as what they are.
func NewProxies(ranges []netip.Prefix) Proxies {
	p := Proxies{trusted: make([]netip.Prefix, 0, len(ranges))}
	for _, r := range ranges {
		if r.Addr().Is4In6() && r.Bits() >= 96 {
			r = netip.PrefixFrom(r.Addr().Unmap(), r.Bits()-96)
		}
		p.trusted = append(p.trusted, r.Masked())
	}
	return p
}

func (p Proxies) trusts(a netip.Addr) bool {
	for _, r := range p.trusted {
		if r.Contains(a) {
			return true
		}
	}
	return false
}

// ClientAddr returns the address of the client that sent r: IPv4 where it is one, without zone, or the zero Addr when the
// connection has none (a Unix socket). Each proxy appends the address it was called from to X-Forwarded-For, so only the part
// to the right of the last machine we do not know was written by somebody we trust. The header is therefore read from the right,
// past our proxies; the first stranger is the client. What stands further left is the client's own claim.
func (p Proxies) ClientAddr(r *http.Request) netip.Addr {
	seen, _ := parseHop(r.RemoteAddr)
	forwarded := r.Header.Values("X-Forwarded-For")
	for i := len(forwarded) - 1; i >= 0; i-- {
		for rest, more := forwarded[i], true; more; {
			if !p.trusts(seen) {
				return seen
			}
			var hop string
			rest, hop, more = cutLast(rest)
			next, ok := parseHop(hop)
			if !ok {
				return seen
			}
			seen = next
		}
	}
	return seen
}

// cutLast splits at the last comma.
func cutLast(s string) (rest, last string, more bool) {
	if i := strings.LastIndexByte(s, ','); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return "", s, false
}

// parseHop reads an address as proxies write it: with or without port, IPv6 with or without brackets.
func parseHop(s string) (netip.Addr, bool) {
	s = strings.Trim(s, " \t")
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return clean(ap.Addr()), true
	}
	inner, opened := strings.CutPrefix(s, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	a, err := netip.ParseAddr(inner)
	if err != nil || opened != closed || opened && a.Is4() {
		return netip.Addr{}, false
	}
	return clean(a), true
}

func clean(a netip.Addr) netip.Addr { return a.WithZone("").Unmap() }

// Bucket names the network that a limit on a counts for: one IPv4 address, or an IPv6 /64, which is what a single household
// gets and can change its address within.
func Bucket(a netip.Addr) string {
	a = clean(a)
	switch {
	case !a.IsValid():
		return "unknown"
	case a.Is4():
		return a.String()
	}
	return netip.PrefixFrom(a, 64).Masked().String()
}
