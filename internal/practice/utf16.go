package practice

import (
	"bytes"

	"golang.org/x/text/encoding/unicode"
)

// decodeUTF16 reads a file that starts with a UTF-16 byte order mark, as
// spreadsheets save "Unicode text".
func decodeUTF16(file []byte) (string, bool) {
	if !bytes.HasPrefix(file, []byte{0xff, 0xfe}) && !bytes.HasPrefix(file, []byte{0xfe, 0xff}) {
		return "", false
	}
	text, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(file)
	return string(text), err == nil
}
