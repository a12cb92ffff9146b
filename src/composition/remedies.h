// What to do where a database of the state directory is damaged.
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"

namespace seshat::composition {

inline constexpr std::string_view kIndexRemedy =
    "Nothing is lost: stop seshat, delete the file and run `seshat reindex`";
inline constexpr std::string_view kBusRemedy =
    "Nothing stored is lost: stop seshat, move the file away, start it again and run `seshat replay`";
inline constexpr std::string_view kJournalRemedy =
    "Nothing stored is lost: stop seshat and put a backup of the file in its place. Without one move it away: "
    "sessions that are stored already will then be reported as conflicts, and stay as they are";

// The error, with the remedy behind it where it says that a database is damaged.
inline Error WithRemedy(Error error, std::string_view remedy) {
  if (error.code == ErrorCode::kDataLoss) error.message += ". " + std::string(remedy);
  return error;
}

}  // namespace seshat::composition
