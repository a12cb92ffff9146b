// What `seshat aws init` has made or would make, as JSON.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <utility>
#include <vector>

#include "views/field_table.h"

namespace seshat::views {

extern const Table kAwsSetup;
extern const Table kAwsStep;
extern const Table kAwsSettings;

struct AwsSetup {
  struct Step {
    std::string resource;
    std::string change;
    bool makes = false;
  };
  bool dry_run = false;
  std::vector<Step> steps;
  std::vector<std::string> notes;
  std::string store_url;
  std::string bus_url;
  std::string region;
  std::vector<std::pair<std::string, std::string>> policies;  // role and JSON text
};

boost::json::object JsonOf(const AwsSetup& setup);

}  // namespace seshat::views
