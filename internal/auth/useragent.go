package auth

import "strings"

// word pairs a mark of a browser's description with what people call it.
type word struct{ mark, name string }

// browsers are in the order in which they must be asked for: most claim to be
// Chrome and Safari as well.
var browsers = []word{
	{"Edg/", "Edge"}, {"EdgA/", "Edge"}, {"EdgiOS/", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"},
	{"FxiOS/", "Firefox"}, {"Firefox/", "Firefox"}, {"CriOS/", "Chrome"}, {"HeadlessChrome/", "Chrome"}, {"Chrome/", "Chrome"},
	{"Safari/", "Safari"},
}

var systems = []word{
	{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"},
	{"Mac OS X", "macOS"}, {"Linux", "Linux"},
}

// DeviceWords says in plain words what a browser says of itself: which browser
// it is and on which system; each is empty when that is not known.
func DeviceWords(userAgent string) (browser, system string) {
	return firstOf(browsers, userAgent), firstOf(systems, userAgent)
}

func firstOf(words []word, s string) string {
	for _, w := range words {
		if strings.Contains(s, w.mark) {
			return w.name
		}
	}
	return ""
}
