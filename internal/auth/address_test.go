package auth

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// ourProxies: a load balancer on this machine, a private network, one public proxy, and a v6 range.
func ourProxies() Proxies {
	return NewProxies([]netip.Prefix{
		netip.MustParsePrefix("127.0.0.1/32"),
		netip.MustParsePrefix("10.1.2.3/8"), // bits below the mask do not matter
		netip.MustParsePrefix("::ffff:198.51.100.7/128"),
		netip.MustParsePrefix("2001:db8:1::/48"),
	})
}

func request(peer string, forwarded ...string) *http.Request {
	return &http.Request{RemoteAddr: peer, Header: http.Header{"X-Forwarded-For": forwarded}}
}

// caller is the address that must come out.
const caller = "203.0.113.9"

// clientAddrs are requests as they reach us, through ourProxies, and the address of the client.
var clientAddrs = []struct {
	name, peer string
	forwarded  []string
	want       string
}{
	{"direct", caller + ":4711", nil, caller},
	{"direct, v6", "[2001:db8:9::1]:4711", nil, "2001:db8:9::1"},
	{"direct, mapped", "[::ffff:203.0.113.9]:4711", nil, caller},
	{"direct, zone", "[fe80::1%eth0]:4711", nil, "fe80::1"},
	{"direct with a forged header", caller + ":1", []string{"10.0.0.1"}, caller},
	{"direct with forged headers", caller + ":1", []string{"127.0.0.1", "1.2.3.4, 10.0.0.1"}, caller},

	{"one proxy", "10.0.0.1:1", []string{caller}, caller},
	{"one proxy, no header", "10.0.0.1:1", nil, "10.0.0.1"},
	{"two proxies", "10.0.0.1:1", []string{caller + ", 10.0.0.2"}, caller},
	{"public and private proxy", "127.0.0.1:1", []string{caller + ",198.51.100.7,10.9.9.9"}, caller},
	{"v6 proxy", "[2001:db8:1:2::3]:1", []string{caller}, caller},
	{"mapped proxy as peer", "[::ffff:10.0.0.1]:1", []string{caller}, caller},
	{"mapped proxy in the header", "10.0.0.1:1", []string{caller + ", ::ffff:10.0.0.2"}, caller},
	{"mapped client", "10.0.0.1:1", []string{"::ffff:203.0.113.9"}, caller},
	{"v6 client", "10.0.0.1:1", []string{"2001:db8:9::1"}, "2001:db8:9::1"},
	{"only proxies", "10.0.0.1:1", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
	{"neighbour of a trusted address", "127.0.0.2:1", []string{caller}, "127.0.0.2"},
	{"neighbour of a trusted range", "10.0.0.1:1", []string{caller + ", 2001:db8:2::1"}, "2001:db8:2::1"},

	{"spoofed left", "10.0.0.1:1", []string{"1.2.3.4, " + caller}, caller},
	{"spoofed with our own address", "10.0.0.1:1", []string{"10.0.0.5, 127.0.0.1, " + caller}, caller},
	{"spoofed in a header of its own", "10.0.0.1:1", []string{"1.2.3.4", caller}, caller},
	{"spoofed garbage left", "10.0.0.1:1", []string{"<script>,,unknown, " + caller}, caller},

	{"several headers", "10.0.0.1:1", []string{"1.2.3.4", caller + ", 10.0.0.3", "10.0.0.2"}, caller},
	{"several headers, first holds the client", "10.0.0.1:1", []string{caller, "10.0.0.3", "10.0.0.2"}, caller},

	{"port", "10.0.0.1:1", []string{caller + ":55555"}, caller},
	{"v6 with port", "10.0.0.1:1", []string{"[2001:db8:9::1]:443"}, "2001:db8:9::1"},
	{"v6 in brackets", "10.0.0.1:1", []string{"[2001:db8:9::1]"}, "2001:db8:9::1"},
	{"v6 with zone", "10.0.0.1:1", []string{"fe80::1%eth0"}, "fe80::1"},
	{"v6 with zone and port", "10.0.0.1:1", []string{"[fe80::1%eth0]:443"}, "fe80::1"},
	{"mapped with port", "10.0.0.1:1", []string{"[::ffff:203.0.113.9]:443"}, caller},
	{"proxy with port", "10.0.0.1:1", []string{caller + ", 10.0.0.2:8080"}, caller},
	{"blanks and tabs", "10.0.0.1:1", []string{"\t" + caller + " ,\t10.0.0.2 "}, caller},
	{"no blanks", "10.0.0.1:1", []string{caller + ",10.0.0.2"}, caller},

	{"empty header", "10.0.0.1:1", []string{""}, "10.0.0.1"},
	{"empty headers", "10.0.0.1:1", []string{"", ""}, "10.0.0.1"},
	{"only commas", "10.0.0.1:1", []string{",,,"}, "10.0.0.1"},
	{"comma at the end", "10.0.0.1:1", []string{caller + ","}, "10.0.0.1"},
	{"garbage", "10.0.0.1:1", []string{"unknown"}, "10.0.0.1"},
	{"garbage on the right", "10.0.0.1:1", []string{caller + ", unknown"}, "10.0.0.1"},
	{"garbage behind a proxy", "10.0.0.1:1", []string{caller + ", _hidden, 10.0.0.2"}, "10.0.0.2"},
	{"host name", "10.0.0.1:1", []string{"example.org"}, "10.0.0.1"},
	{"range", "10.0.0.1:1", []string{"203.0.113.0/24"}, "10.0.0.1"},
	{"leading zeros", "10.0.0.1:1", []string{"203.0.113.009"}, "10.0.0.1"},
	{"number", "10.0.0.1:1", []string{"3405803785"}, "10.0.0.1"},
	{"port too high", "10.0.0.1:1", []string{caller + ":65536"}, "10.0.0.1"},
	{"port missing", "10.0.0.1:1", []string{caller + ":"}, "10.0.0.1"},
	{"bracket open", "10.0.0.1:1", []string{"[2001:db8:9::1"}, "10.0.0.1"},
	{"bracket closed", "10.0.0.1:1", []string{"2001:db8:9::1]"}, "10.0.0.1"},
	{"v4 in brackets", "10.0.0.1:1", []string{"[203.0.113.9]"}, "10.0.0.1"},
	{"control character", "10.0.0.1:1", []string{caller + "\x00"}, "10.0.0.1"},
	{"line break", "10.0.0.1:1", []string{caller + "\r\n10.0.0.9"}, "10.0.0.1"},
	{"Forwarded syntax", "10.0.0.1:1", []string{"for=" + caller}, "10.0.0.1"},

	{"50 proxies", "10.0.0.1:1", []string{caller + strings.Repeat(", 10.0.0.2", 50)}, caller},
	{"50 forged addresses", "10.0.0.1:1", []string{strings.Repeat("1.2.3.4, ", 50) + caller}, caller},
	{"50 headers", "10.0.0.1:1", append([]string{"1.2.3.4, " + caller}, strings.Split(strings.Repeat("10.0.0.2,", 49)+"10.0.0.2", ",")...), caller},

	{"Unix socket", "@", []string{caller}, "invalid IP"},
	{"no peer", "", []string{caller}, "invalid IP"},
}

func TestClientAddr(t *testing.T) {
	t.Parallel()
	for _, c := range clientAddrs {
		if got := ourProxies().ClientAddr(request(c.peer, c.forwarded...)).String(); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestZeroProxiesBelieveNobody(t *testing.T) {
	t.Parallel()
	for _, p := range []Proxies{{}, NewProxies(nil)} {
		if got := p.ClientAddr(request("127.0.0.1:1", "203.0.113.9")); got != netip.MustParseAddr("127.0.0.1") {
			t.Errorf("got %s", got)
		}
	}
}

func TestProxiesAreNotSharedWithTheCaller(t *testing.T) {
	t.Parallel()
	ranges := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	p := NewProxies(ranges)
	ranges[0] = netip.MustParsePrefix("192.0.2.0/24")
	if got := p.ClientAddr(request("10.0.0.1:1", "203.0.113.9")); got != netip.MustParseAddr("203.0.113.9") {
		t.Errorf("got %s", got)
	}
}

func TestBucket(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"203.0.113.9": "203.0.113.9", "::ffff:203.0.113.9": "203.0.113.9", "0.0.0.0": "0.0.0.0",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:2:ffff::1": "2001:db8:1:2::/64",
		"2001:db8:1:3::": "2001:db8:1:3::/64", "fe80::1%eth0": "fe80::/64", "::1": "::/64",
	} {
		if got := Bucket(netip.MustParseAddr(in)); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
	if got := Bucket(netip.Addr{}); got != "unknown" {
		t.Errorf("no address: got %s", got)
	}
}

// hop is one element of a header whose meaning is known before it is written down.
type hop struct {
	addr    netip.Addr // zero for garbage
	trusted bool
	text    string
}

func drawHop(t *rapid.T) hop {
	switch rapid.IntRange(0, 7).Draw(t, "kind") {
	case 0:
		return hop{text: rapid.SampledFrom([]string{"", "unknown", "1.2.3", "1.2.3.4.5", "::g", "[", "1.2.3.4:x", "😀"}).Draw(t, "garbage")}
	case 1, 2, 3:
		return written(t, netip.MustParseAddr(rapid.SampledFrom([]string{"127.0.0.1", "10.0.0.2", "10.255.0.1", "198.51.100.7", "2001:db8:1::9"}).Draw(t, "ours")), true)
	default:
		return written(t, netip.MustParseAddr(rapid.SampledFrom([]string{"127.0.0.3", "11.0.0.1", "203.0.113.9", "198.51.100.8", "2001:db8:2::9", "::1"}).Draw(t, "stranger")), false)
	}
}

// written picks one of the ways to write an address.
func written(t *rapid.T, a netip.Addr, trusted bool) hop {
	ways := []string{a.String(), netip.AddrPortFrom(a, 8080).String()}
	if a.Is4() {
		mapped := netip.AddrFrom16(a.As16())
		ways = append(ways, mapped.String(), "["+mapped.String()+"]", netip.AddrPortFrom(mapped, 80).String())
	} else {
		ways = append(ways, "["+a.String()+"]", a.String()+"%eth0", a.StringExpanded(), strings.ToUpper(a.String()))
	}
	blank := rapid.SampledFrom([]string{"", " ", "\t", "  "})
	text := rapid.SampledFrom(ways).Draw(t, "form")
	return hop{addr: a, trusted: trusted, text: blank.Draw(t, "before") + text + blank.Draw(t, "after")}
}

// headers writes hops down, broken into lines anywhere.
func headers(t *rapid.T, hops []hop) []string {
	var lines []string
	for i, h := range hops {
		if i > 0 && rapid.Bool().Draw(t, "same line") {
			lines[len(lines)-1] += "," + h.text
			continue
		}
		lines = append(lines, h.text)
	}
	return lines
}

// TestClientAddrMatchesModel: from the peer leftwards, stop at the first stranger or before the first garbage.
func TestClientAddrMatchesModel_ASVS_15_3_4(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hops := rapid.SliceOfN(rapid.Custom(drawHop), 0, 12).Draw(t, "hops")
		peer := drawHop(t)
		want := peer.addr
		trusted := peer.trusted
		for i := len(hops) - 1; i >= 0 && trusted && hops[i].addr.IsValid(); i-- {
			want, trusted = hops[i].addr, hops[i].trusted
		}
		if got := ourProxies().ClientAddr(request(peer.text, headers(t, hops)...)); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}

func FuzzClientAddr(f *testing.F) {
	for _, seed := range [][2]string{
		{"10.0.0.1:1", "203.0.113.9"}, {"10.0.0.1:1", "1.2.3.4, 10.0.0.2"}, {"[2001:db8:1::1]:1", "[2001:db8:9::1]:443"}, {"@", ""},
		{"127.0.0.1:80", ",,,"}, {"203.0.113.9:1", "127.0.0.1"}, {"[::ffff:10.0.0.1]:1", "::ffff:1.2.3.4%x, fe80::1%eth0"}, {"10.0.0.1", "[::1"},
	} {
		f.Add(seed[0], seed[1])
	}
	p := ourProxies()
	f.Fuzz(func(t *testing.T, peer, forwarded string) {
		got := p.ClientAddr(request(peer, forwarded))
		if got.Zone() != "" || got.Is4In6() {
			t.Errorf("%s is not in its plain form", got)
		}
		if direct := p.ClientAddr(request(peer)); !p.trusts(direct) && got != direct {
			t.Errorf("%s is a stranger and was believed: %s", direct, got)
		}
		if Bucket(got) == "" {
			t.Error("no bucket")
		}
		// Whatever the client sends, the address that our proxy appends to it is the one that counts.
		for _, claim := range [][]string{{forwarded + ", 203.0.113.9"}, {forwarded, "203.0.113.9"}} {
			if got := p.ClientAddr(request("10.0.0.1:1", claim...)); got.String() != "203.0.113.9" {
				t.Errorf("%q made the client %s", claim, got)
			}
		}
	})
}
