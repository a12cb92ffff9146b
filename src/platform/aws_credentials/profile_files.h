// The files that all AWS tools share: ~/.aws/config and ~/.aws/credentials.
//
// Rules as in "Using shared config and credentials files", AWS SDKs and Tools Reference Guide: a section stands for a
// profile ("[profile lab]" in config, "[lab]" in credentials, "[default]" in both); a name stands before '=', its value
// after it; '#' and ';' begin a comment at the start of a line and after white space; a line further in than the
// setting above it continues that setting, or is a setting of its own below one that was left empty. Where both files
// know a profile, their settings are united, and the credentials file wins.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/secret.h"

namespace seshat::aws {

// One section. Any value may be a secret, so all of them are held as such.
class ProfileSection {
 public:
  // A setting that is no secret, by its lower-case name; nothing where it is absent or empty.
  std::optional<std::string> Text(std::string_view name) const;
  Secret SecretText(std::string_view name) const;
  // A setting below another: Nested("s3", "endpoint_url").
  std::optional<std::string> Nested(std::string_view group, std::string_view name) const;
  bool Has(std::string_view name) const { return values_.contains(name); }

 private:
  friend class ProfileFileParser;
  std::map<std::string, Secret, std::less<>> values_;  // a nested setting is "group\nname"
};

class ProfileFiles {
 public:
  // Either text may be empty: there is no such file. The paths are for messages. kInvalidArgument naming file and line,
  // without the line's text.
  static Result<ProfileFiles> Parse(std::string_view config, const std::filesystem::path& config_path,
                                    std::string_view credentials, const std::filesystem::path& credentials_path);

  const ProfileSection* FindProfile(std::string_view name) const;   // null: there is none
  const ProfileSection* FindServices(std::string_view name) const;  // "[services NAME]" of the config file
  std::vector<std::string> ProfileNames() const;
  const std::filesystem::path& config_path() const { return config_path_; }
  const std::filesystem::path& credentials_path() const { return credentials_path_; }

 private:
  friend class ProfileFileParser;
  using Sections = std::map<std::string, ProfileSection, std::less<>>;
  Sections profiles_;
  Sections services_;
  std::filesystem::path config_path_;
  std::filesystem::path credentials_path_;
};

}  // namespace seshat::aws
