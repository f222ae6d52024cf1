package web

import (
	"strconv"
	"strings"
)

// identityFloor is the weight of an uncompressed answer that the browser did not mention: allowed, but the last choice.
const identityFloor = 0.0001

// negotiate answers "br", "gzip" or "" (uncompressed) for an Accept-Encoding header and the forms at hand. The highest
// weight wins, the smaller form on a tie; a coding with weight 0 is never used.
func negotiate(header string, haveBr, haveGzip bool) string {
	weights := parseAcceptEncoding(header)
	weight := func(coding string, fallback float64) float64 {
		if q, named := weights[coding]; named {
			return q
		}
		if q, any := weights["*"]; any {
			return q
		}
		return fallback
	}
	best, bestWeight := "", weight("identity", identityFloor)
	if gz := weight("gzip", 0); haveGzip && gz > 0 && gz >= bestWeight {
		best, bestWeight = "gzip", gz
	}
	if br := weight("br", 0); haveBr && br > 0 && br >= bestWeight {
		best = "br"
	}
	return best
}

// parseAcceptEncoding reads "br;q=0.8, gzip, *;q=0" into weights. A weight that is not a number refuses its coding.
func parseAcceptEncoding(header string) map[string]float64 {
	weights := map[string]float64{}
	for item := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(item, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		if coding == "x-gzip" {
			coding = "gzip"
		}
		if coding != "" {
			weights[coding] = quality(params)
		}
	}
	return weights
}

func quality(params string) float64 {
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(param, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil || q < 0 || q > 1 {
			return 0
		}
		return q
	}
	return 1
}
