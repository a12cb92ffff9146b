// The file for OpenSearch Dashboards is what its definition makes, and fits together with the index.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/opensearch/index_format.h"
#include "support/run_program.h"

namespace seshat::opensearch {
namespace {

namespace bj = boost::json;

const std::string kDirectory = SESHAT_SOURCE_DIR "/deploy/opensearch-dashboards/";

std::vector<bj::object> Objects() {
  std::vector<bj::object> objects;
  std::ifstream file(kDirectory + "seshat.ndjson");
  for (std::string line; std::getline(file, line);) objects.push_back(bj::parse(line).as_object());
  return objects;
}

std::string Text(const bj::value& value) { return std::string(value.as_string()); }

// A field that Dashboards counts, sums or offers as a filter needs doc values.
bool CanBeCounted(const bj::object& mapping, const std::string& field) {
  const auto* found = mapping.if_contains(field);
  if (found == nullptr || found->at("type") == "text" || found->at("type") == "nested") return false;
  const auto* values = found->as_object().if_contains("doc_values");
  return values == nullptr || values->as_bool();
}

bj::object Mapping() {
  const auto body = bj::parse(opensearch::IndexTemplate("seshat-sessions"));
  return body.at("template").at("mappings").at("properties").as_object();
}

// Every value of `name` anywhere in `value`.
void Collect(const bj::value& value, std::string_view name, std::set<std::string>& out) {
  if (const auto* array = value.if_array())
    for (const auto& item : *array) Collect(item, name, out);
  if (const auto* object = value.if_object())
    for (const auto& [key, inner] : *object) {
      if (std::string_view(key) == name && inner.is_string()) out.insert(Text(inner));
      Collect(inner, name, out);
    }
}

TEST(Dashboards, TheFileIsWhatTheDefinitionMakes) {
  const auto result = testing::RunProgram({"/usr/bin/python3", kDirectory + "generate.py", "--check"}, {});
  EXPECT_EQ(result.status, 0) << result.err;
}

TEST(Dashboards, EveryReferenceIsToAnObjectOfTheFile) {
  std::set<std::pair<std::string, std::string>> there;
  std::set<std::string> kinds;
  for (const auto& object : Objects()) {
    EXPECT_TRUE(there.emplace(Text(object.at("type")), Text(object.at("id"))).second);
    kinds.insert(Text(object.at("type")));
  }
  EXPECT_EQ(kinds, (std::set<std::string>{"dashboard", "index-pattern", "search", "visualization"}));
  for (const auto& object : Objects()) {
    std::set<std::string> named;
    for (const auto& reference : object.at("references").as_array()) {
      EXPECT_TRUE(there.contains({Text(reference.at("type")), Text(reference.at("id"))})) << reference;
      EXPECT_TRUE(named.insert(Text(reference.at("name"))).second) << "twice: " << reference;
    }
    // JSON in texts: well-formed, and what it refers to is among the references.
    std::set<std::string> used;
    std::vector<bj::value> inner{object.at("attributes")};
    for (const auto& [name, value] : object.at("attributes").as_object())
      if (value.is_string() && std::string_view(name).ends_with("JSON")) inner.push_back(bj::parse(value.as_string()));
    if (const auto* state = object.at("attributes").as_object().if_contains("visState"))
      inner.push_back(bj::parse(state->as_string()));
    if (const auto* meta = object.at("attributes").as_object().if_contains("kibanaSavedObjectMeta"))
      inner.push_back(bj::parse(meta->at("searchSourceJSON").as_string()));
    for (const auto& value : inner)
      for (const auto* name : {"indexRefName", "indexPatternRefName", "panelRefName"}) Collect(value, name, used);
    EXPECT_EQ(used, named) << object.at("id");
  }
}

TEST(Dashboards, EveryFieldIsInTheIndex) {
  const auto mapping = Mapping();
  std::set<std::string> counted;
  for (const auto& object : Objects()) {
    const auto& attributes = object.at("attributes").as_object();
    if (const auto* fields = attributes.if_contains("fields")) {
      const auto parsed = bj::parse(fields->as_string());
      for (const auto& field : parsed.as_array()) {
        EXPECT_TRUE(mapping.contains(field.at("name").as_string())) << field;
        if (field.at("aggregatable").as_bool()) {
          EXPECT_TRUE(CanBeCounted(mapping, Text(field.at("name")))) << field;
        }
      }
    }
    if (const auto* columns = attributes.if_contains("columns")) {
      for (const auto& column : columns->as_array()) EXPECT_TRUE(mapping.contains(column.as_string())) << column;
    }
    if (const auto* state = attributes.if_contains("visState")) {
      for (const auto* name : {"field", "fieldName"}) Collect(bj::parse(state->as_string()), name, counted);
    }
  }
  EXPECT_FALSE(counted.empty());
  for (const auto& field : counted) EXPECT_TRUE(CanBeCounted(mapping, field)) << field;
}

}  // namespace
}  // namespace seshat::opensearch
