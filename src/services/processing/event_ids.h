// Ids of the events that processing publishes: the same fact has the same id, however often it is announced.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/digest/sha256.h"

namespace seshat::processing {

// 32 hexadecimal digits out of the parts, which are told apart by their lengths.
inline std::string EventIdOf(std::initializer_list<std::string_view> parts) {
  Sha256Hasher hasher;
  for (const std::string_view part : parts) {
    const std::string size = std::to_string(part.size()) + ":";
    hasher.Update(AsBytes(size));
    hasher.Update(AsBytes(part));
  }
  return hasher.Finish().ToHex().substr(0, 32);
}

}  // namespace seshat::processing
