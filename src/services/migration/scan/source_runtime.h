// A source at work: its settings in the form in which the parts of the service use them.
#pragma once

#include <memory>
#include <string>

#include "ports/source_tree.h"
#include "services/migration/rules/schedule.h"
#include "services/migration/rules/source_spec.h"
#include "services/migration/rules/token_bucket.h"
#include "services/migration/scan/completeness.h"
#include "services/migration/scan/session_walk.h"

namespace seshat::migration {

struct SourceRuntime {
  SourceSpec spec;
  std::unique_ptr<SourceTree> tree;
  std::shared_ptr<const SourceLayout> layout;
  Completeness rules;
  Timetable timetable;
  std::shared_ptr<TokenBucket> bandwidth;
};

// The error's message as a problem that people read, at most 400 bytes.
inline std::string Problem(const Error& error) {
  std::string text = error.ToString();
  if (text.size() > 400) text.resize(400);
  return text;
}

}  // namespace seshat::migration
