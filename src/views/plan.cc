#include "views/plan.h"

#include <boost/json.hpp>

#include "core/base/utf8.h"
#include "core/records/blob_key.h"

namespace seshat::views {
namespace {

constexpr Field kPlanLineFields[] = {
    {"session", FieldType::kText, "percent-encoded"},
    {"path", FieldType::kText, "in the session, percent-encoded; empty for the session itself"},
    {"size", FieldType::kNumber, "in bytes"},
    {"action", FieldType::kText, "what would happen"},
    {"why", FieldType::kText, "for people"},
};
constexpr Field kPlanFields[] = {
    {"plan", FieldType::kObjects, "what would happen to every file", Presence::kAlways, &kPlanLine},
};

}  // namespace

constinit const Table kPlanLine{"PlanLine", kPlanLineFields};
constinit const Table kPlan{"Plan", kPlanFields};

boost::json::object JsonOf(const std::vector<migration::DryRunLine>& plan) {
  boost::json::array lines;
  for (const migration::DryRunLine& line : plan)
    lines.push_back({{"session", records::EncodePath(line.session_id)},
                     {"path", records::EncodePath(line.path)},
                     {"size", line.size},
                     {"action", migration::DryRunActionName(line.action)},
                     {"why", ReplaceInvalidUtf8(line.why)}});
  return {{"plan", std::move(lines)}};
}

}  // namespace seshat::views
