// What a resumable put of the file store asks its caller to remember.
//
//   "file 1 <name> <size> at <bytes>"           so many bytes of .seshat/puts/<name> are on disk
//   "file 1 <name> <size> done <sha-256>"       the object has its name, for good
//
// How a resumed put tells its own object from somebody else's, with certainty: the temporary file keeps its
// name until "done" is saved, and the object is a second name (hard link) of the same file. So
//   - "done": it is our own;
//   - the temporary file is there: ours if and only if both names are the same inode;
//   - the temporary file is gone and "done" was not saved: it never got the key's name, because nothing but
//     "done", an Abandon, a refusal, or the clean-up of a file with one name removes it. What is there is
//     somebody else's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/digest/sha256.h"

namespace seshat::file_store {

struct PutState {
  std::string name;  // of the temporary file
  uint64_t size = 0;
  uint64_t durable = 0;
  std::optional<Sha256> done;

  std::string Format() const;
  // Nothing for what this version did not write. The name is a plain file name.
  static std::optional<PutState> Parse(std::string_view text);
};

}  // namespace seshat::file_store
