#include "views/why.h"

#include <boost/json.hpp>

#include "core/base/utf8.h"

namespace seshat::views {
namespace {

namespace bj = boost::json;

constexpr Field kSessionProgressFields[] = {
    {"session", FieldType::kText, "its id"},
    {"source", FieldType::kText, "that has it"},
    {"state", FieldType::kText, "waiting, uploading, committed, partial, conflict, gone"},
    {"why", FieldType::kText, "for people"},
    {"until", FieldType::kTime, "when that may be over", Presence::kNullable},
    {"revision", FieldType::kNumber, "the newest that is stored; 0: none"},
    {"files", FieldType::kNumber, "at the source"},
    {"files_left", FieldType::kNumber, "still to be stored"},
    {"bytes", FieldType::kNumber, "at the source"},
    {"skipped", FieldType::kNumber, "entries that could not be stored"},
    {"traceparent", FieldType::kText, "the trace of its migration"},
};
constexpr Field kWhyFields[] = {
    {"sessions", FieldType::kObjects, "for each source that has it", Presence::kAlways, &kSessionProgress},
    {"searchable", FieldType::kBoolean, "whether it can be found with seshat search"},
    {"processed", FieldType::kNumber, "runs of processors that succeeded"},
    {"failed", FieldType::kNumber, "runs of processors that were given up"},
};

}  // namespace

constinit const Table kSessionProgress{"SessionProgress", kSessionProgressFields};
constinit const Table kWhy{"Why", kWhyFields};

bj::object JsonOf(const operations::WhyAnswer& answer) {
  bj::array all;
  for (const migration::SessionStatus& session : answer.sessions) {
    bj::object entry{{"session", session.id},
                     {"source", session.source},
                     {"state", migration::SessionStateName(session.state)},
                     {"why", ReplaceInvalidUtf8(session.why)},
                     {"until", nullptr},
                     {"revision", session.revision},
                     {"files", session.files},
                     {"files_left", session.files_left},
                     {"bytes", session.bytes},
                     {"skipped", session.skipped},
                     {"traceparent", session.traceparent}};
    if (session.until) entry["until"] = FormatTimestamp(*session.until);
    all.push_back(std::move(entry));
  }
  return {{"sessions", std::move(all)},
          {"searchable", answer.searchable},
          {"processed", answer.results},
          {"failed", answer.failures}};
}

}  // namespace seshat::views
