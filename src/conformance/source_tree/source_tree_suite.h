// What every SourceTree must do. A harness makes one tree and plays the other side: the lab's own programs.
#pragma once

#include <span>
#include <string_view>

#include "conformance/suite.h"
#include "ports/source_tree.h"

namespace seshat::conformance {

class SourceTreeHarness {
 public:
  virtual ~SourceTreeHarness() = default;
  virtual SourceTree& tree() = 0;
  virtual void Write(std::string_view path, std::string_view bytes) = 0;  // makes directories as needed
  virtual void MakeLink(std::string_view path) = 0;                       // a symbolic link to somewhere outside
  virtual void MakeFifo(std::string_view path) = 0;
  virtual void Remove(std::string_view path) = 0;
  virtual bool Exists(std::string_view path) = 0;
};

std::span<const Case<SourceTreeHarness>> SourceTreeCases();

}  // namespace seshat::conformance
