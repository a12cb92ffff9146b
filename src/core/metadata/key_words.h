// A key taken apart into words: "Motor.tempC" is motor, temp, C. Private to key_hygiene.h, apart from its tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seshat::metadata {

struct KeyWords {
  std::vector<std::string> words;  // folded
  std::string last_as_written;     // "C"
};

// Words are divided by '_', '.', '-', '/', blanks, and where a capital follows a small letter.
KeyWords TakeKeyApart(std::string_view key);

// True for the last word of a key that says the unit of its values: "C", "degC", "s", "mV", "celsius".
bool IsUnitWord(std::string_view as_written);

}  // namespace seshat::metadata

namespace seshat {
using metadata::KeyWords;
}  // namespace seshat
