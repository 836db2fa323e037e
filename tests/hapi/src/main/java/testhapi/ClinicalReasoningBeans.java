package testhapi;

import ca.uhn.fhir.jpa.api.dao.DaoRegistry;
import ca.uhn.fhir.jpa.cache.IResourceChangeListenerRegistry;
import ca.uhn.fhir.jpa.cache.ResourceChangeListenerRegistryInterceptor;
import ca.uhn.fhir.jpa.searchparam.SearchParameterMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.opencds.cqf.fhir.cql.EvaluationSettings;
import org.opencds.cqf.fhir.cql.engine.retrieve.RetrieveSettings;
import org.opencds.cqf.fhir.cql.engine.terminology.TerminologySettings;
import org.opencds.cqf.fhir.cr.hapi.common.CodeCacheResourceChangeListener;
import org.opencds.cqf.fhir.cr.hapi.common.CqlThreadFactory;
import org.opencds.cqf.fhir.cr.hapi.common.ElmCacheResourceChangeListener;
import org.opencds.cqf.fhir.cr.hapi.config.CrBaseConfig;
import org.opencds.cqf.fhir.cr.hapi.config.RepositoryConfig;
import org.opencds.cqf.fhir.cr.hapi.config.r4.ApplyOperationConfig;
import org.opencds.cqf.fhir.cr.hapi.config.r4.CqlOperationConfig;
import org.opencds.cqf.fhir.cr.hapi.config.r4.DataRequirementsOperationConfig;
import org.opencds.cqf.fhir.cr.hapi.config.r4.EvaluateOperationConfig;
import org.opencds.cqf.fhir.utility.client.TerminologyServerClientSettings;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Clinical reasoning: $cql, Library/$evaluate, PlanDefinition/$apply. */
@Configuration
@Import({RepositoryConfig.class, CrBaseConfig.class, CqlOperationConfig.class, EvaluateOperationConfig.class,
  ApplyOperationConfig.class, DataRequirementsOperationConfig.class})
public class ClinicalReasoningBeans {

  @Bean
  TerminologyServerClientSettings terminologyServerClientSettings() {
    return TerminologyServerClientSettings.getDefault();
  }

  @Bean
  RetrieveSettings retrieveSettings() {
    return new RetrieveSettings()
        .setSearchParameterMode(RetrieveSettings.SEARCH_FILTER_MODE.USE_SEARCH_PARAMETERS)
        .setTerminologyParameterMode(RetrieveSettings.TERMINOLOGY_FILTER_MODE.FILTER_IN_MEMORY)
        .setProfileMode(RetrieveSettings.PROFILE_MODE.DECLARED);
  }

  @Bean
  TerminologySettings terminologySettings() {
    return new TerminologySettings()
        .setValuesetPreExpansionMode(TerminologySettings.VALUESET_PRE_EXPANSION_MODE.USE_IF_PRESENT)
        .setValuesetExpansionMode(TerminologySettings.VALUESET_EXPANSION_MODE.PERFORM_NAIVE_EXPANSION)
        .setValuesetMembershipMode(TerminologySettings.VALUESET_MEMBERSHIP_MODE.USE_EXPANSION)
        .setCodeLookupMode(TerminologySettings.CODE_LOOKUP_MODE.USE_CODESYSTEM_URL);
  }

  @Bean
  EvaluationSettings evaluationSettings(RetrieveSettings retrieve, TerminologySettings terminology) {
    EvaluationSettings settings = EvaluationSettings.getDefault();
    settings.setLibraryCache(new ConcurrentHashMap<>());
    settings.setModelCache(new ConcurrentHashMap<>());
    settings.setValueSetCache(new ConcurrentHashMap<>());
    settings.setRetrieveSettings(retrieve);
    settings.setTerminologySettings(terminology);
    return settings;
  }

  @Bean
  ExecutorService cqlExecutor() {
    return Executors.newFixedThreadPool(2, new CqlThreadFactory());
  }

  /** Drops a cached library when its Library resource changes. */
  @Bean
  ElmCacheResourceChangeListener elmCache(
      IResourceChangeListenerRegistry registry, DaoRegistry daos, EvaluationSettings settings) {
    ElmCacheResourceChangeListener listener = new ElmCacheResourceChangeListener(daos, settings.getLibraryCache());
    registry.registerResourceResourceChangeListener("Library", SearchParameterMap.newSynchronous(), listener, 1000);
    return listener;
  }

  @Bean
  CodeCacheResourceChangeListener codeCache(
      IResourceChangeListenerRegistry registry, DaoRegistry daos, EvaluationSettings settings) {
    CodeCacheResourceChangeListener listener = new CodeCacheResourceChangeListener(daos, settings.getValueSetCache());
    registry.registerResourceResourceChangeListener("ValueSet", SearchParameterMap.newSynchronous(), listener, 1000);
    return listener;
  }

  @Bean
  ResourceChangeListenerRegistryInterceptor resourceChangeListenerRegistryInterceptor() {
    return new ResourceChangeListenerRegistryInterceptor();
  }
}
